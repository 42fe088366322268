// Values that are known to be personal, found in a text in their usual spellings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "privacy/kind.h"

namespace plmm::privacy {

/// A value that the vault knows: "Lena Vogt", "Nordwind GmbH", "+49 170 1234567", "1990-05-12".
struct Known {
  Kind kind;
  std::string text;
};

enum class Case : std::uint8_t;
struct Letter;

/// A set of values and their spellings. Case, accents, width, invisible characters, runs of white
/// space, hyphens, joined words and genitives do not matter; borders of words do (letter to digit
/// and "annaVogt" are borders).
class KnownValues {
 public:
  struct Match {
    std::size_t begin;
    std::size_t end;
    std::size_t value;  // its number, as add() returned it
  };

  /// The number of the value; the same value and kind again has the same number.
  std::size_t add(const Known& known);
  const Known& operator[](std::size_t value) const { return values_[value]; }
  std::size_t size() const { return values_.size(); }

  /// All places outside of `walls` (rising, not overlapping) where a value stands, escapes such as
  /// \u00e9 and %41 decoded or not; rising, none within another. Time is linear in the text for a
  /// given set: each start goes no further than the longest value.
  std::vector<Match> find(std::string_view text, std::span<const Span> walls = {}) const;

 private:
  struct End {
    std::size_t value;
    Case case_rule;
    bool part;
    bool genitive;
    bool behind_country_code;
  };
  struct Node {
    bool gap_may_follow = false;
    std::optional<End> end;
  };

  std::size_t step(std::size_t node, char32_t letter) const;
  std::size_t step_or_grow(std::size_t node, char32_t letter);
  void longest_at(std::span<const Letter> letters, std::size_t first, bool any_capital,
                  std::vector<Match>& matches) const;

  std::vector<Known> values_;
  std::unordered_map<std::string, std::size_t> numbers_;  // of kind and text
  std::vector<Node> nodes_{1};                            // a trie; 0 is its root
  std::unordered_map<std::uint64_t, std::size_t> edges_;  // node << 21 | letter -> node
};

}  // namespace plmm::privacy
