// A text as the letters and digits that spellings are compared by, each with its place in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "privacy/kind.h"

namespace plmm::privacy {

/// What stands before a letter or digit.
enum class Gap : std::uint8_t {
  none,   // the letter before, of the same word
  joint,  // a border of words without a separator: "anna|1990", "Anna|Vogt", between Han
  apart,  // white space and at most three other characters
  wall,   // more, a span that was left out, or the beginning of the text
};

struct Letter {
  char32_t folded;
  std::size_t begin;  // of the character in the text
  std::size_t end;    // behind the invisible characters that follow it
  Gap gap;
  bool capital;
};

enum class Escapes : std::uint8_t {
  keep,    // the bytes as they stand
  decode,  // \n, \u00e9 and %41 as what they stand for
};

/// All letters and digits outside of `walls` (rising, not overlapping). Any bytes; linear time.
std::vector<Letter> read_letters(std::string_view text, Escapes escapes,
                                 std::span<const Span> walls);

/// Whether decoding escapes could change how a text reads.
bool has_escapes(std::string_view text);

}  // namespace plmm::privacy
