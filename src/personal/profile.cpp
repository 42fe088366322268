// Facts as records of the vault, and which values are fit to be one.
#include "personal/profile.h"

#include <algorithm>
#include <functional>

#include "personal/fact_record.h"
#include "text/unicode.h"

namespace plmm::personal {
namespace {

constexpr std::array<std::string_view, kSlots.size()> kNames{
    "name",   "education", "work",      "hobbies", "languages",  "tone",
    "health", "place",     "workplace", "people",  "pets",       "dislikes",
    "likes",  "origin",    "age",       "plans",   "possessions"};

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
    for (const Fact& fact : TRY(read_facts(edit))) {
      if (!is_meant(fact)) continue;
      TRY(edit.remove(Area::profile, fact.id));
      ++out.n_facts;
    }
    return {};
  }));
  out.traces = TRY(vault.clear_traces());
  return out;
}

bool is_said_in(const Fact& fact, std::span<const std::int64_t> turns) {
  return fact.source.turn != 0 && std::ranges::find(turns, fact.source.turn) != turns.end();
}

std::optional<privacy::Kind> kind_of(Slot slot) {
  using privacy::Kind;
  switch (slot) {
    case Slot::name:
    case Slot::people:
    case Slot::pets:
      return Kind::name;
    case Slot::education:
      return Kind::school;
    case Slot::work:
      return Kind::occupation;
    case Slot::workplace:
      return Kind::employer;
    case Slot::place:
    case Slot::origin:
      return Kind::city;
    case Slot::hobbies:
    case Slot::languages:
    case Slot::tone:
    case Slot::health:
      return Kind::other;
    case Slot::likes:
    case Slot::dislikes:
    case Slot::age:
    case Slot::plans:
    case Slot::possessions:
      return std::nullopt;
  }
  return std::nullopt;
}

/// "older sister Anna Vogt": the last words with a capital; empty where the last word has none.
std::string name_within(const std::string& value) {
  std::size_t begin = value.size();
  for (std::size_t at = value.size(); at > 0;) {
    const std::size_t space = value.rfind(' ', at - 1);
    const std::size_t word = space == std::string::npos ? 0 : space + 1;
    if (value[word] < 'A' || value[word] > 'Z') break;
    begin = word;
    at = space == std::string::npos ? 0 : space;
  }
  return value.substr(begin);
}

/// What stands before the value in a line for its owner.
std::string_view lead_of(Slot slot) {
  switch (slot) {
    case Slot::place:
      return "lives in";
    case Slot::origin:
      return "comes from";
    case Slot::workplace:
      return "works at";
    case Slot::languages:
      return "speaks";
    case Slot::likes:
      return "likes";
    case Slot::dislikes:
      return "does not like";
    case Slot::plans:
      return "plan";
    case Slot::possessions:
      return "has";
    case Slot::hobbies:
      return "hobby";
    case Slot::people:
      return "person";
    case Slot::pets:
      return "pet";
    default:
      return name_of(slot);
  }
}

/// The fact's id; that of the one that is there where the slot has the value already.
Result<std::int64_t> add_to(Edit& edit, Slot slot, const Personal<std::string>& clean,
                            std::int64_t now_ms) {
  std::size_t n_values = 0;
  for (const Fact& fact : TRY(read_facts(edit))) {
    if (fact.slot != slot || !fact.holds()) continue;
    ++n_values;
    if (fact.value == clean) return fact.id;
  }
  if (n_values == kValuesMax) return too_many(slot);
  return edit.add(Area::profile, encode_fact({0, slot, clean, now_ms}));
}

}  // namespace

std::string phrase_of(const Fact& fact) {
  return std::string(lead_of(fact.slot)) + " " + fact.value.reveal(Purpose::show_owner);
}

std::string_view name_of(Slot slot) { return kNames[static_cast<std::size_t>(slot) - 1]; }

std::string slot_names() {
  std::string out;
  for (const Slot slot : kSlots) {
    if (!out.empty()) out += ", ";
    out += name_of(slot);
  }
  return out;
}

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

Result<std::vector<Fact>> Profile::facts() {
  return decode_facts(TRY(vault_->read(Area::profile)));
}

Result<std::int64_t> Profile::add(Slot slot, const Personal<std::string>& value) {
  const auto clean = TRY(clean_value(value));
  std::int64_t id = 0;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    id = TRY(add_to(edit, slot, clean, clock_()));
    return {};
  }));
  return id;
}

Result<Traces> Profile::replace(std::span<const std::int64_t> fact_ids,
                                std::span<const SlotValue> values) {
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const Fact& fact : TRY(read_facts(edit))) {
      if (std::ranges::find(fact_ids, fact.id) != fact_ids.end())
        TRY(edit.remove(Area::profile, fact.id));
    }
    for (const auto& [slot, value] : values)
      TRY(add_to(edit, slot, TRY(clean_value(value)), clock_()));
    return {};
  }));
  return vault_->clear_traces();
}

Result<Traces> Profile::set(Slot slot, std::span<const Personal<std::string>> values) {
  if (values.size() > kValuesMax) return too_many(slot);
  std::vector<Personal<std::string>> clean;
  for (const auto& value : values) {
    auto next = TRY(clean_value(value));
    if (std::ranges::find(clean, next) == clean.end()) clean.push_back(std::move(next));
  }
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const Fact& fact : TRY(read_facts(edit))) {
      if (fact.slot == slot) TRY(edit.remove(Area::profile, fact.id));
    }
    for (const auto& value : clean) {
      TRY(edit.add(Area::profile, encode_fact({0, slot, value, clock_()})));
    }
    return {};
  }));
  return vault_->clear_traces();
}

Result<Forgotten> Profile::forget(std::span<const std::int64_t> fact_ids) {
  return forget_where(*vault_, [&](const Fact& fact) {
    return std::ranges::find(fact_ids, fact.id) != fact_ids.end();
  });
}

Result<Forgotten> Profile::forget_said_in(std::span<const std::int64_t> turns) {
  return forget_where(*vault_, [&](const Fact& fact) { return is_said_in(fact, turns); });
}

Result<> Profile::unlink(std::span<const std::int64_t> turns) {
  return vault_->change([&](Edit& edit) -> Result<> {
    for (Fact& fact : TRY(read_facts(edit))) {
      if (!is_said_in(fact, turns)) continue;
      fact.source.turn = 0;
      TRY(edit.replace(Area::profile, fact.id, encode_fact(fact)));
    }
    return {};
  });
}

std::vector<privacy::Known> known_values(std::span<const Fact> facts) {
  std::vector<privacy::Known> out;
  for (const Fact& fact : facts) {
    const auto kind = kind_of(fact.slot);
    if (!kind) continue;
    std::string value = fact.value.reveal(Purpose::redact);
    if (fact.was_noticed() && (fact.slot == Slot::people || fact.slot == Slot::pets))
      value = name_within(value);
    if (!value.empty()) out.push_back({*kind, std::move(value)});
  }
  return out;
}

}  // namespace plmm::personal
