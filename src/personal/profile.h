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
  tone = 6,  // how the person wants to be talked to
};
inline constexpr std::array kSlots{Slot::name,    Slot::education, Slot::work,
                                   Slot::hobbies, Slot::languages, Slot::tone};

/// "name", "education", …
std::string_view name_of(Slot slot);
std::optional<Slot> slot_named(std::string_view word);

inline constexpr std::size_t kValuesMax = 16;       // of one slot
inline constexpr std::size_t kValueBytesMax = 200;  // UTF-8, one line

struct Fact {
  std::int64_t id = 0;
  Slot slot{};
  Personal<std::string> value;
  std::int64_t since_ms = 0;
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

  /// In the order of kSlots, and within one as they were added.
  Result<std::vector<Fact>> facts();
  /// One more value; the same value again is the fact that is there. Errors of clean_value();
  /// limit_exceeded when the slot is full.
  Result<std::int64_t> add(Slot slot, const Personal<std::string>& value);
  /// These values in the place of all that the slot had.
  Result<Traces> set(Slot slot, std::span<const Personal<std::string>> values);

  /// The facts are gone from the vault and from the bytes of its files. No facts: nothing happens.
  Result<Forgotten> forget(Slot slot);
  /// not_found when there is no such fact.
  Result<Forgotten> forget(std::int64_t fact_id);
  Result<Forgotten> forget_all();

 private:
  Vault* vault_;
  Clock clock_;
};

/// The same values for those who look for them in a text.
std::vector<privacy::Known> known_values(std::span<const Fact> facts);

}  // namespace plmm::personal
