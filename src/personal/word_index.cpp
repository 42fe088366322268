// Words to the texts that have them.
#include "personal/word_index.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "personal/local_signs.h"

namespace plmm::personal {
namespace {

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
  const auto n_all = static_cast<double>(n_texts_);
  double sum = 0;
  for (const auto& word : content_words(question)) {
    const auto found = texts_of_.find(word);
    const double n = found == texts_of_.end() ? 0 : static_cast<double>(found->second.size());
    const double weight = std::log(1 + (n_all - n + 0.5) / (n + 0.5));
    sum += weight;
    if (found == texts_of_.end()) continue;
    for (const std::int64_t id : found->second) out[id] += weight;
  }
  for (auto& [id, share] : out) share /= sum;
  return out;
}

}  // namespace plmm::personal
