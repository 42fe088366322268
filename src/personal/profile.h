// What a person has told about themselves, by slots, kept in the vault.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/personal.h"
#include "base/result.h"
#include "personal/vault.h"
#include "privacy/known.h"

namespace plmm::personal {

/// The numbers stand in the file.
enum class Slot : std::uint8_t {
  name = 1,
  education = 2,
  work = 3,
  hobbies = 4,
  languages = 5,
  tone = 6,    // how the person wants to be talked to
  health = 7,  // what to mind: allergies, what is not eaten, illnesses
  place = 8,   // where they live
  workplace = 9,
  people = 10,
  pets = 11,
  dislikes = 12,
  likes = 13,
  origin = 14,  // where they come from
  age = 15,
  plans = 16,
  possessions = 17,
};
/// The most useful first.
inline constexpr std::array kSlots{
    Slot::name,   Slot::education, Slot::work,      Slot::hobbies, Slot::languages,  Slot::tone,
    Slot::health, Slot::place,     Slot::workplace, Slot::people,  Slot::pets,       Slot::dislikes,
    Slot::likes,  Slot::origin,    Slot::age,       Slot::plans,   Slot::possessions};

/// "name", "education", …
std::string_view name_of(Slot slot);
/// All of them: "name, education, …"
std::string slot_names();
std::optional<Slot> slot_named(std::string_view word);

inline constexpr std::size_t kValuesMax = 16;       // of one slot
inline constexpr std::size_t kValueBytesMax = 200;  // UTF-8, one line

/// The person's own words that say a fact, in a turn of theirs.
struct FactSource {
  std::int64_t turn = 0;   // of the memory; 0: it is forgotten
  std::int64_t begin = 0;  // bytes of what was said, where the words stand
  std::int64_t end = 0;
  Personal<std::string> quote;  // these words; empty: the fact was set by hand
};

struct Fact {
  std::int64_t id = 0;
  Slot slot{};
  Personal<std::string> value;
  std::int64_t since_ms = 0;
  std::int64_t until_ms = 0;  // 0: it holds; else it is a former one, from then on
  FactSource source = {};

  bool holds() const { return until_ms == 0; }
  bool was_noticed() const { return !source.quote.reveal(Purpose::compare).empty(); }
};

/// "lives in Porto", "name Mira": as a line for its owner.
std::string phrase_of(const Fact& fact);

struct SlotValue {
  Slot slot{};
  Personal<std::string> value;
  bool operator==(const SlotValue&) const = default;
};

struct Forgotten {
  std::size_t n_facts = 0;
  Traces traces = Traces::gone;
};

/// A value without white space around it; invalid_argument for an empty one, one of several lines,
/// with control or hidden characters or not in UTF-8; limit_exceeded for a longer one.
Result<Personal<std::string>> clean_value(const Personal<std::string>& value);

/// The vault outlives it.
class Profile {
 public:
  Profile(Vault& vault, Clock clock) : vault_(&vault), clock_(std::move(clock)) {}

  /// In the order of kSlots, and within one as they were added; the former ones too.
  Result<std::vector<Fact>> facts();
  /// One more value; the same value again is the fact that is there. Errors of clean_value();
  /// limit_exceeded when the slot is full.
  Result<std::int64_t> add(Slot slot, const Personal<std::string>& value);
  /// These values in the place of all that the slot had.
  Result<Traces> set(Slot slot, std::span<const Personal<std::string>> values);
  /// Values in the place of these facts: all of it or, on an error of add(), nothing.
  Result<Traces> replace(std::span<const std::int64_t> fact_ids, std::span<const SlotValue> values);

  /// Gone from the vault and from the bytes of its files. Ids that are none are left out.
  Result<Forgotten> forget(std::span<const std::int64_t> fact_ids);
  /// Those that were noticed in these turns.
  Result<Forgotten> forget_said_in(std::span<const std::int64_t> turns);
  /// The turns are forgotten, what was noticed in them stays: without the way back.
  Result<> unlink(std::span<const std::int64_t> turns);

 private:
  Vault* vault_;
  Clock clock_;
};

/// Values that tell who somebody is, for those who look for them in a text: not their tastes,
/// plans, belongings and age, which half the questions of the world would share. Of people and pets
/// that were noticed the names.
std::vector<privacy::Known> known_values(std::span<const Fact> facts);

}  // namespace plmm::personal
