// Words are runs of ASCII letters and digits and of bytes beyond ASCII; all else separates them.
#include "search/query.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace plmm::search {
namespace {

constexpr std::size_t kWordsMax = 32;
constexpr std::size_t kWordBytesMax =
    64;  // what is longer is no word, and its beginning finds none

/// Words that most passages have: they cost time and say nothing. Sorted.
constexpr std::string_view kCommonWords[] = {
    "a",     "about", "an",   "and",  "are",  "as",   "at",   "be",  "by",   "can",  "did",
    "do",    "does",  "for",  "from", "had",  "has",  "have", "he",  "how",  "i",    "in",
    "is",    "it",    "its",  "me",   "my",   "of",   "on",   "or",  "she",  "so",   "that",
    "the",   "their", "them", "they", "this", "to",   "was",  "we",  "were", "what", "when",
    "where", "which", "who",  "why",  "will", "with", "you",  "your"};
static_assert(std::ranges::is_sorted(kCommonWords));

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, is_word_byte);
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(std::max<std::size_t>(word.size(), 1));
    if (word.empty() || word.size() > kWordBytesMax) continue;
    std::string lowered(word);
    std::ranges::transform(lowered, lowered.begin(), lower);
    if (std::ranges::find(out, lowered) == out.end()) out.push_back(std::move(lowered));
    if (out.size() == 2 * kWordsMax) break;
  }
  return out;
}

bool is_common(const std::string& word) { return std::ranges::binary_search(kCommonWords, word); }

}  // namespace

std::string match_expression(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  if (!std::ranges::all_of(words, is_common)) std::erase_if(words, is_common);
  words.resize(std::min(words.size(), kWordsMax));
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += " OR ";
    out += '"';
    out += word;
    out += '"';
  }
  return out;
}

}  // namespace plmm::search
