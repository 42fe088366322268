// Lines out of facts, values out of lines; see profile_text.h.
#include "personal/profile_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace plmm::personal {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

/// Nothing for a line that says nothing.
Result<std::optional<SlotValue>> parse_line(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::invalid_argument,
                "begins with no \"name:\", \"work:\" or the like; a # leaves the line out");
  }
  const auto slot = slot_named(trimmed(line.substr(0, colon)));
  if (!slot) {
    return fail(ErrorCode::invalid_argument,
                "what stands before the colon is none of " + slot_names());
  }
  const Personal<std::string> value{std::string(line.substr(colon + 1))};
  return SlotValue{*slot, TRY(clean_value(value))};
}

bool has(std::span<const SlotValue> values, const Fact& fact) {
  return std::ranges::any_of(values, [&](const SlotValue& one) {
    return one.slot == fact.slot && one.value == fact.value;
  });
}

bool holds_in(std::span<const Fact> facts, const SlotValue& value) {
  return std::ranges::any_of(facts, [&](const Fact& fact) {
    return fact.holds() && fact.slot == value.slot && fact.value == value.value;
  });
}

}  // namespace

std::string profile_text(std::span<const Fact> facts) {
  std::string out;
  for (const Slot slot : kSlots) {
    for (const Fact& fact : facts) {
      if (fact.slot != slot || !fact.holds()) continue;
      out += name_of(slot);
      out += ": " + fact.value.reveal(Purpose::show_owner) + "\n";
    }
  }
  return out;
}

Result<std::vector<SlotValue>> parse_profile_text(std::string_view text) {
  if (text.size() > kProfileTextBytesMax)
    return fail(ErrorCode::limit_exceeded, "profile: the text is too long");
  std::vector<SlotValue> out;
  std::array<std::size_t, 256> n_of{};  // by slot
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = parse_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto in_line = "line " + std::to_string(number) + ": ";
    if (!line) return fail(line.error().code, in_line + line.error().what);
    if (!*line || std::ranges::find(out, **line) != out.end()) continue;
    auto& n = n_of[static_cast<std::size_t>((*line)->slot)];
    if (++n > kValuesMax) {
      return fail(ErrorCode::limit_exceeded, in_line + std::string(name_of((*line)->slot)) +
                                                 " has more than " + std::to_string(kValuesMax) +
                                                 " values");
    }
    out.push_back(*std::move(*line));
  }
  return out;
}

ProfileEdit edit_between(std::span<const Fact> facts, std::span<const SlotValue> values) {
  ProfileEdit out;
  for (const SlotValue& value : values) {
    if (!holds_in(facts, value)) out.added.push_back(value);
  }
  for (const Fact& fact : facts) {
    if (!fact.holds() || has(values, fact)) continue;
    const bool something_comes = std::ranges::any_of(
        out.added, [&](const SlotValue& value) { return value.slot == fact.slot; });
    (something_comes ? out.replaced : out.dropped).push_back(fact);
  }
  return out;
}

}  // namespace plmm::personal
