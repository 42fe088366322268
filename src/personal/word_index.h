// Which texts share rare words with a question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plmm::personal {

/// The words of a text that say something, in lower case and without English endings: "My sisters
/// were running" → "sister", "runn". A crude stem that is the same on both sides does.
std::set<std::string> content_words(std::string_view text);

/// The same words as numbers, each once, rising: what two texts share shows without their words.
std::vector<std::uint32_t> word_codes(std::string_view text);

/// What a word weighs that n of N texts have: log(1 + (N − n + 0.5) / (n + 0.5)).
double rarity(std::size_t n, std::size_t n_all);

class WordIndex {
 public:
  void add(std::int64_t id, std::string_view text);
  void remove(std::int64_t id, std::string_view text);

  /// How much of the question's words each text has, each word weighted by its rarity: 0 … 1.
  /// Texts without any are left out.
  std::map<std::int64_t, double> coverage(std::string_view question) const;

 private:
  std::unordered_map<std::string, std::set<std::int64_t>> texts_of_;
  std::size_t n_texts_ = 0;
};

}  // namespace plmm::personal
