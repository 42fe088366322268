// Words to the texts that have them.
#include "personal/word_index.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "personal/local_signs.h"

namespace plmm::personal {
namespace {

// FNV-1a, 32 bits.
constexpr std::uint32_t kFnvStart = 2166136261U;
constexpr std::uint32_t kFnvFactor = 16777619U;
constexpr std::size_t kStemMin = 3;  // letters that stay
constexpr std::array<std::string_view, 6> kEndings{"ing", "edly", "ed", "es", "s", "ly"};
// Words that stand in any text.
constexpr std::string_view kFunctionWords =
    " a an the is are was were be been do does did i me my we our you your it its of to in on at "
    "for from with and or not no what who where when which why how that this these those have has "
    "had will would can could should am as by about into than then so if there their they them he "
    "she his her him up out just like get got im ive dont ";

std::string stem(std::string_view word) {
  for (const auto ending : kEndings) {
    if (word.ends_with(ending) && word.size() - ending.size() >= kStemMin)
      return std::string(word.substr(0, word.size() - ending.size()));
  }
  return std::string(word);
}

}  // namespace

std::set<std::string> content_words(std::string_view text) {
  std::set<std::string> out;
  const std::string words = to_words(text);  // between single spaces
  std::size_t begin = 1;
  while (begin < words.size()) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    const auto word = std::string_view(words).substr(begin, end - begin);
    const bool is_function_word =
        kFunctionWords.find(" " + std::string(word) + " ") != std::string_view::npos;
    if (!word.empty() && !is_function_word) out.insert(stem(word));
    begin = end + 1;
  }
  return out;
}

std::vector<std::uint32_t> word_codes(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (const auto& word : content_words(text)) {
    std::uint32_t code = kFnvStart;
    for (const char c : word) code = (code ^ static_cast<unsigned char>(c)) * kFnvFactor;
    out.push_back(code);
  }
  std::ranges::sort(out);
  const auto [end, last] = std::ranges::unique(out);
  out.erase(end, last);
  return out;
}

double rarity(std::size_t n, std::size_t n_all) {
  const auto with = static_cast<double>(n);
  return std::log(1 + (static_cast<double>(n_all) - with + 0.5) / (with + 0.5));
}

void WordIndex::add(std::int64_t id, std::string_view text) {
  for (const auto& word : content_words(text)) texts_of_[word].insert(id);
  ++n_texts_;
}

void WordIndex::remove(std::int64_t id, std::string_view text) {
  for (const auto& word : content_words(text)) {
    const auto found = texts_of_.find(word);
    if (found == texts_of_.end()) continue;
    found->second.erase(id);
    if (found->second.empty()) texts_of_.erase(found);
  }
  --n_texts_;
}

std::map<std::int64_t, double> WordIndex::coverage(std::string_view question) const {
  std::map<std::int64_t, double> out;
  double sum = 0;
  for (const auto& word : content_words(question)) {
    const auto found = texts_of_.find(word);
    const double weight = rarity(found == texts_of_.end() ? 0 : found->second.size(), n_texts_);
    sum += weight;
    if (found == texts_of_.end()) continue;
    for (const std::int64_t id : found->second) out[id] += weight;
  }
  for (auto& [id, share] : out) share /= sum;
  return out;
}

}  // namespace plmm::personal
