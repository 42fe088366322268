// Splits a text into sentences and judges each by its first words and by what it holds.
#include "personal/leave_out.h"

#include <algorithm>
#include <array>
#include <vector>

#include "personal/local_signs.h"
#include "privacy/detect.h"

namespace plmm::personal {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_capital(char c) { return (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0xC3; }

/// "Dr. Vogt", "J. Vogt": the sentence goes on, and the name must not be cut off from it.
bool is_abbreviation(std::string_view before_dot) {
  constexpr std::array<std::string_view, 10> kTitles{"Dr", "Mr", "Mrs", "Ms", "Prof",
                                                     "St", "Jr", "Sr",  "Fr", "Rev"};
  const std::size_t space = before_dot.find_last_of(" \t\r\n");
  const std::string_view word =
      space == std::string_view::npos ? before_dot : before_dot.substr(space + 1);
  const bool is_initial = word.size() == 1 && is_capital(word[0]);
  return is_initial || std::ranges::find(kTitles, word) != kTitles.end();
}

/// With the white space behind them, so that joined they are the text.
std::vector<std::string_view> sentences(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool at_end = at + 1 == text.size() || is_space(text[at + 1]);
    const bool ends = c == '\n' || ((c == '?' || c == '!') && at_end) ||
                      (c == '.' && at_end && !is_abbreviation(text.substr(begin, at - begin)));
    if (!ends) continue;
    while (at + 1 < text.size() && is_space(text[at + 1])) ++at;
    out.push_back(text.substr(begin, at + 1 - begin));
    begin = at + 1;
  }
  if (begin < text.size()) out.push_back(text.substr(begin));
  return out;
}

/// "my broker is Lena", "my doctor's name is Lena", "my sister Lena …".
bool brings_in_somebody(std::string_view sentence) {
  const std::string words = to_words(sentence);
  if (!words.starts_with(" my ")) return false;
  const std::size_t first = sentence.find_first_not_of(" \t");
  const std::string_view rest = sentence.substr(first + 3);  // the capital of "My" does not count
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (is_space(rest[at - 1]) && is_capital(rest[at])) return true;
  }
  return false;
}

bool tells_about_oneself(std::string_view sentence, const privacy::Redactor& redactor) {
  constexpr std::array<std::string_view, 8> kFirstPerson{
      " i ", " im ", " ive ", " my ", " we ", " our ", " by the way ", " for context "};
  const std::string words = to_words(sentence);
  const bool first_person = std::ranges::any_of(
      kFirstPerson, [&](std::string_view start) { return words.starts_with(start); });
  if (!first_person || sentence.find('?') != std::string_view::npos) return false;
  return brings_in_somebody(sentence) || !redactor.leaks(sentence).empty() ||
         !privacy::detect(sentence).empty();
}

}  // namespace

Kept keep_what_is_asked(std::string_view text, const privacy::Redactor& redactor) {
  Kept out;
  for (const std::string_view sentence : sentences(text)) {
    if (tells_about_oneself(sentence, redactor)) {
      ++out.n_left_out;
    } else {
      out.text.append(sentence);
    }
  }
  if (out.text.find('?') == std::string::npos) return {std::string(text), 0};
  while (!out.text.empty() && is_space(out.text.back())) out.text.pop_back();
  return out;
}

}  // namespace plmm::personal
