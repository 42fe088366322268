// Words, their stems, and the share of them that two texts have in common.
#include "expert/support.h"

#include <algorithm>
#include <iterator>

namespace plmm::expert {
namespace {

constexpr std::size_t kStemBytesMin = 3;

/// Words that say nothing by themselves, also those with which answers begin.
constexpr std::string_view kCommon =
    " a about above after all also an and another any are as at be because been before "
    "define definition describe differ difference explain tell "
    "being below between both but by called can cannot could did do does done during "
    "each either etc every for from had has have having he her here his how i if in into "
    "is it its itself known like made make makes many may mean means meaning might more "
    "most much must no not of often on one only or other others our out over per refer "
    "refers same she should since so some stand stands such than that the their them "
    "then there these they this those through to typically under use used using very via "
    "was we were what when where which while who why will with within would you ";

bool is_common(std::string_view word) { return kCommon.contains(" " + std::string(word) + " "); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Letters of any script: bytes above ASCII are part of one.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

/// "processes" → "process", "locked" → "lock", "memories" → "memor".
std::string stem(std::string word) {
  for (const std::string_view ending : {"ations", "ation", "ings", "ing", "ies", "ied", "ed", "es",
                                        "ers", "er", "ly", "s", "y", "e"}) {
    if (word.ends_with(ending) && word.size() >= ending.size() + kStemBytesMin) {
      word.resize(word.size() - ending.size());
      break;
    }
  }
  return word;
}

enum class Place : std::uint8_t { first, later };

/// Whether a word is written as a name: "UNIX" and "IPv4" anywhere, "Unix" not as the first word.
bool is_name(std::string_view word, Place place) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::ranges::any_of(word.substr(1), capital)) return true;
  return place == Place::later && capital(word.front());
}

void add(ContentWords& out, std::string_view token, Place place) {
  // "1,000" and "1000" are one number; "802.11" and "3.5" keep their dots.
  std::string word;
  for (const char c : token) {
    if (c != ',') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (!word.empty() && word.back() == '.') word.pop_back();
  if (word.empty()) return;
  if (is_digit(word.front())) {
    out.numbers.insert(std::move(word));
  } else if (!is_common(word) && word.size() > 1) {
    auto stemmed = stem(std::move(word));
    if (is_name(token, place)) out.names.insert(stemmed);
    out.words.insert(std::move(stemmed));
  }
}

std::set<std::string> intersection(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> out;
  std::ranges::set_intersection(a, b, std::inserter(out, out.end()));
  return out;
}

}  // namespace

std::size_t n_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return static_cast<std::size_t>(
      std::ranges::count_if(a, [&](const auto& word) { return b.contains(word); }));
}

std::set<std::string> difference(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> out;
  std::ranges::set_difference(a, b, std::inserter(out, out.end()));
  return out;
}

ContentWords content_words(std::string_view text) {
  ContentWords out;
  Place place = Place::first;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool inside = i > start;
    // A dot or comma between digits belongs to the number.
    const bool joint = (c == '.' || c == ',') && inside && is_digit(text[i - 1]) &&
                       i + 1 < text.size() && is_digit(text[i + 1]);
    if (is_letter(c) || is_digit(c) || joint) continue;
    if (inside) {
      add(out, text.substr(start, i - start), place);
      place = Place::later;
    }
    start = i + 1;
  }
  return out;
}

double support(const ContentWords& sentence, const ContentWords& question,
               const ContentWords& passage) {
  if (!std::ranges::includes(passage.numbers, sentence.numbers)) return 0;
  if (!std::ranges::includes(passage.words, sentence.names)) return 0;
  // "X invented Y" is not said by a passage that has X and Y and nothing of inventing.
  const auto asked = intersection(sentence.words, question.words);
  if (!std::ranges::includes(passage.words, asked)) return 0;
  const auto numbers = difference(sentence.numbers, question.numbers);
  auto words = difference(sentence.words, question.words);
  if (words.empty() && numbers.empty()) words = sentence.words;
  const std::size_t n = words.size() + numbers.size();
  if (n == 0) return 0;
  return static_cast<double>(n_common(words, passage.words) + numbers.size()) /
         static_cast<double>(n);
}

double coverage(const ContentWords& of, const ContentWords& in) {
  const std::size_t n = of.words.size() + of.numbers.size();
  if (n == 0) return 0;
  return static_cast<double>(n_common(of.words, in.words) + n_common(of.numbers, in.numbers)) /
         static_cast<double>(n);
}

}  // namespace plmm::expert
