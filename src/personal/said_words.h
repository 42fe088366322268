// What somebody said, as sentences of words that know where they stand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plmm::personal {

/// What stands between a word and the one before it.
enum class Gap : unsigned char {
  none,  // white space, a hyphen or a slash
  comma,
  strong,  // the sentence's begin, a colon, a bracket, dots, a quotation mark
};

struct SaidWord {
  std::string text;       // lower case, with straight apostrophes; a part of a contraction in full
  std::size_t begin = 0;  // bytes of what was said; the parts of a contraction share them
  std::size_t end = 0;
  Gap gap = Gap::none;
  bool is_capital = false;
  bool is_quoted = false;  // between double quotation marks
};

struct SaidSentence {
  std::vector<SaidWord> words;  // never empty
  bool asks = false;            // ends in a question mark
};

/// Sentences end in ".", "!", "?" before white space, and where a line does. "I'm" is two words,
/// "i" and "am", as are "don't", "wanna" and their like, also without the apostrophe.
std::vector<SaidSentence> words_of(std::string_view said);

}  // namespace plmm::personal
