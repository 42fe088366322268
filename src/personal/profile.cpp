// Facts as records of the vault, and which values are fit to be one.
#include "personal/profile.h"

#include <algorithm>
#include <functional>

#include "personal/record_fields.h"
#include "text/unicode.h"

namespace plmm::personal {
namespace {

constexpr std::uint8_t kFactVersion = 1;
constexpr std::array<std::string_view, kSlots.size()> kNames{"name",    "education", "work",
                                                             "hobbies", "languages", "tone"};

Personal<std::string> encode(Slot slot, std::int64_t since_ms, const std::string& value) {
  return FieldWriter(kFactVersion)
      .number(static_cast<int>(slot))
      .number(since_ms)
      .text(value)
      .take();
}

Result<Fact> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kFactVersion));
  Fact out;
  out.id = record.id;
  const std::int64_t slot = TRY(fields.number_up_to(kSlots.size()));
  if (slot == 0) return fail(ErrorCode::corrupt_data, "a fact has no slot");
  out.slot = static_cast<Slot>(slot);
  out.since_ms = TRY(fields.number());
  out.value = Personal(TRY(fields.text()));
  return out;
}

Result<std::vector<Fact>> decode_all(std::span<const Record> records) {
  std::vector<Fact> out;
  for (const Record& record : records) out.push_back(TRY(decode(record)));
  std::ranges::stable_sort(out, {}, &Fact::slot);
  return out;
}

Result<std::vector<Fact>> facts_within(Edit& edit) {
  return decode_all(TRY(edit.read(Area::profile)));
}

/// Control characters, and those that hide or reorder text: they could steer a model unseen.
bool is_hidden(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) ||
         (character >= 0x2028 && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF ||
         (character >= 0xE0000 && character <= 0xE007F);
}

std::unexpected<Error> too_many(Slot slot) {
  return fail(ErrorCode::limit_exceeded, "profile: '" + std::string(name_of(slot)) +
                                             "' has at most " + std::to_string(kValuesMax) +
                                             " values. Next: plmm profile forget " +
                                             std::string(name_of(slot)));
}

Result<Forgotten> forget_where(Vault& vault, const std::function<bool(const Fact&)>& is_meant) {
  Forgotten out;
  TRY(vault.change([&](Edit& edit) -> Result<> {
    for (const Fact& fact : TRY(facts_within(edit))) {
      if (!is_meant(fact)) continue;
      TRY(edit.remove(Area::profile, fact.id));
      ++out.n_facts;
    }
    return {};
  }));
  out.traces = TRY(vault.clear_traces());
  return out;
}

}  // namespace

std::string_view name_of(Slot slot) { return kNames[static_cast<std::size_t>(slot) - 1]; }

std::optional<Slot> slot_named(std::string_view word) {
  const auto found = std::ranges::find(kNames, word);
  if (found == kNames.end()) return std::nullopt;
  return kSlots[static_cast<std::size_t>(found - kNames.begin())];
}

Result<Personal<std::string>> clean_value(const Personal<std::string>& value) {
  std::string_view text = value.reveal(Purpose::compare);
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  if (text.empty()) return fail(ErrorCode::invalid_argument, "profile: the value is empty");
  if (text.size() > kValueBytesMax) {
    return fail(ErrorCode::limit_exceeded, "profile: a value has at most " +
                                               std::to_string(kValueBytesMax) +
                                               " bytes, this one " + std::to_string(text.size()));
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto step = text::inspect_utf8(text, at);
    if (step.status != text::Utf8Status::whole) {
      return fail(ErrorCode::invalid_argument, "profile: the value is not UTF-8");
    }
    if (is_hidden(text::decode_lenient(text, at).character)) {
      return fail(ErrorCode::invalid_argument,
                  "profile: the value has a line break, a control character or a hidden one at "
                  "byte " +
                      std::to_string(at));
    }
    at += step.n_bytes;
  }
  return Personal(std::string(text));
}

Result<std::vector<Fact>> Profile::facts() { return decode_all(TRY(vault_->read(Area::profile))); }

Result<std::int64_t> Profile::add(Slot slot, const Personal<std::string>& value) {
  const auto clean = TRY(clean_value(value));
  std::int64_t id = 0;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    std::size_t n_values = 0;
    for (const Fact& fact : TRY(facts_within(edit))) {
      if (fact.slot != slot) continue;
      ++n_values;
      if (fact.value == clean) id = fact.id;
    }
    if (id != 0) return {};
    if (n_values == kValuesMax) return too_many(slot);
    id = TRY(edit.add(Area::profile, encode(slot, clock_(), clean.reveal(Purpose::seal))));
    return {};
  }));
  return id;
}

Result<Traces> Profile::set(Slot slot, std::span<const Personal<std::string>> values) {
  if (values.size() > kValuesMax) return too_many(slot);
  std::vector<Personal<std::string>> clean;
  for (const auto& value : values) {
    auto next = TRY(clean_value(value));
    if (std::ranges::find(clean, next) == clean.end()) clean.push_back(std::move(next));
  }
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const Fact& fact : TRY(facts_within(edit))) {
      if (fact.slot == slot) TRY(edit.remove(Area::profile, fact.id));
    }
    for (const auto& value : clean) {
      TRY(edit.add(Area::profile, encode(slot, clock_(), value.reveal(Purpose::seal))));
    }
    return {};
  }));
  return vault_->clear_traces();
}

Result<Forgotten> Profile::forget(Slot slot) {
  return forget_where(*vault_, [&](const Fact& fact) { return fact.slot == slot; });
}

Result<Forgotten> Profile::forget(std::int64_t fact_id) {
  const auto out = TRY(forget_where(*vault_, [&](const Fact& fact) { return fact.id == fact_id; }));
  if (out.n_facts > 0) return out;
  return fail(ErrorCode::not_found, "profile: no fact has the number " + std::to_string(fact_id) +
                                        ". Next: plmm profile show");
}

Result<Forgotten> Profile::forget_all() {
  return forget_where(*vault_, [](const Fact&) { return true; });
}

std::vector<privacy::Known> known_values(std::span<const Fact> facts) {
  using privacy::Kind;
  constexpr std::array kKinds{Kind::name,  Kind::school, Kind::occupation,
                              Kind::other, Kind::other,  Kind::other};
  std::vector<privacy::Known> out;
  for (const Fact& fact : facts) {
    out.push_back(
        {kKinds[static_cast<std::size_t>(fact.slot) - 1], fact.value.reveal(Purpose::redact)});
  }
  return out;
}

}  // namespace plmm::personal
