// Whether a passage says what a sentence says, by their words and numbers.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace plmm::expert {

/// The words of a text that mean something, in lower case and without endings ("locks", "locked"
/// and "locking" are one), and its numbers as they are written.
struct ContentWords {
  std::set<std::string> words;
  std::set<std::string> names;  // of the words, those with a capital that no sentence asks for
  std::set<std::string> numbers;
};
ContentWords content_words(std::string_view text);

std::size_t n_common(const std::set<std::string>& a, const std::set<std::string>& b);
/// a without what is in b.
std::set<std::string> difference(const std::set<std::string>& a, const std::set<std::string>& b);

/// How much of what a sentence adds to the question stands in the passage: 0 … 1. It is 0 when the
/// passage lacks a name or a number of the sentence, or a word that it shares with the question. A
/// sentence that adds nothing is measured by all of its words.
double support(const ContentWords& sentence, const ContentWords& question,
               const ContentWords& passage);

/// The share of the first text's words and numbers that stand in the second: 0 … 1; 0 for none.
double coverage(const ContentWords& of, const ContentWords& in);

/// From here on a passage is said to support a sentence. One word in four may be the model's own:
/// the verbs and joints of a paraphrase.
inline constexpr double kSupportMin = 0.75;

}  // namespace plmm::expert
