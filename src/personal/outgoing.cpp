// The last look at what leaves, and at whom it goes to.
#include "personal/outgoing.h"

#include <algorithm>

#include "personal/profile.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kValueBytesAlone = 5;  // shorter values stand within many harmless words

}  // namespace

std::vector<Replaced> replaced_of(std::span<const privacy::Replacement> replacements) {
  std::vector<Replaced> out;
  for (const privacy::Replacement& replacement : replacements) {
    out.push_back({replacement.placeholder, replacement.kind, Personal(replacement.original)});
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = text.find('\n');
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

Result<> Outgoing::learn() {
  const auto facts = TRY(Profile(vault_, clock_).facts());
  known_ = known_values(facts);
  for (const privacy::Known& known : known_) redactor_.add(known);
  return {};
}

Result<> Outgoing::check_leaks(std::string_view bytes,
                               std::span<const std::string_view> texts) const {
  // The redactor looks at whole words; a longer value may not even stand within a word. In the
  // bytes a value with quotes is escaped, in the texts it is not.
  const auto has = [](std::string_view text, const privacy::Known& known) {
    return text.find(known.text) != std::string_view::npos;
  };
  const bool stands_within = std::ranges::any_of(known_, [&](const privacy::Known& known) {
    return known.text.size() >= kValueBytesAlone &&
           (has(bytes, known) ||
            std::ranges::any_of(texts, [&](std::string_view text) { return has(text, known); }));
  });
  if (!stands_within && redactor_.leaks(bytes).empty()) return {};
  return fail(ErrorCode::unsupported,
              "something that you told about yourself would still leave this device, so nothing "
              "is sent. Next: put it in other words, or go on without the expert");
}

Result<KeyStanding> Outgoing::key_standing(const protocol::ExpertCard& card) {
  for (const Consent& consent : TRY(ConsentBook(vault_, clock_).list())) {
    if (consent.expert != card.name) continue;
    return consent.key == card.public_key ? KeyStanding::same : KeyStanding::changed;
  }
  return KeyStanding::first_time;
}

Result<> Outgoing::remember_key(const protocol::ExpertCard& card, KeyStanding standing) {
  if (standing == KeyStanding::same) return {};
  return ConsentBook(vault_, clock_).set(card.name, card.public_key, ConsentMode::ask_each_time);
}

}  // namespace plmm::personal
