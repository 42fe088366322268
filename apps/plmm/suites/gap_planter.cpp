// Plants gaps; see gap_planter.h.
#include "apps/plmm/suites/gap_planter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "crypto/hash.h"
#include "eval/right.h"
#include "personal/recall.h"
#include "search/passages.h"
#include "teacher/words.h"

namespace plmm::suites {
namespace {

using Json = nlohmann::json;
using Words = std::set<std::string>;

constexpr int kSectionWordsMin = 30;
constexpr int kSectionWordsMax = 400;
constexpr std::size_t kSentenceWordsMin = 5;
constexpr double kSaidMin = 0.8;  // of the weight of a sentence's words
constexpr double kRestatedMax = 1.0 / 3;

bool is_about(const Section& section, const LoopQuestion& question) {
  const auto says = [&](const std::string& answer) { return eval::says(section.text, answer); };
  return eval::says(question.exam.question, section.title) ||
         (!question.source.empty() && section.title.contains(question.source)) ||
         std::ranges::any_of(question.exam.answers, says);
}

crypto::Digest place_of(const Section& section, std::uint64_t seed) {
  const std::string bytes = fmt::format("{}\n{}\n{}", seed, section.title, section.text);
  return crypto::sha256(std::as_bytes(std::span(bytes)));
}

Words words_in(std::string_view text) {
  Words out;
  for (const auto word : teacher::words_of(text)) out.insert(teacher::lower(word));
  return out;
}

/// Which sections have a word.
class WordPlaces {
 public:
  explicit WordPlaces(std::span<const Section> sections) : n_sections_(sections.size()) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
      for (const auto& word : words_in(sections[i].title + " " + sections[i].text))
        places_[word].push_back(i);
    }
  }

  /// Whether a section other than `own` says the sentence.
  bool say_elsewhere(const Words& sentence, std::size_t own) const {
    double whole = 0;
    std::unordered_map<std::size_t, double> of_section;
    for (const auto& word : sentence) {
      const auto& places = places_.at(word);
      const double weight =
          std::log(static_cast<double>(n_sections_) / static_cast<double>(places.size()));
      whole += weight;
      for (const auto i : places) of_section[i] += weight;
    }
    return std::ranges::any_of(of_section, [&](const auto& one) {
      return one.first != own && one.second >= kSaidMin * whole;
    });
  }

 private:
  std::size_t n_sections_;
  std::unordered_map<std::string, std::vector<std::size_t>> places_;
};

double restated_share(const Section& section, std::size_t own, const WordPlaces& places) {
  int n = 0, n_said = 0;
  for (const auto sentence : personal::sentences_of(section.text)) {
    const Words words = words_in(sentence);
    if (words.size() < kSentenceWordsMin) continue;
    ++n;
    n_said += places.say_elsewhere(words, own) ? 1 : 0;
  }
  return n == 0 ? 0 : static_cast<double>(n_said) / n;
}

}  // namespace

void GapPlanter::add(const reader::Document& document) {
  for (const auto& cut : search::cut_passages(document.title, document.text)) {
    if (!sections_.empty() && sections_.back().title == cut.title) {
      sections_.back().text += "\n\n" + std::string(cut.text);
      continue;
    }
    ++n_of_title_[cut.title];
    sections_.push_back({cut.title, std::string(cut.text)});
  }
}

Result<Planted> GapPlanter::plant(std::size_t n, std::uint64_t seed,
                                  std::span<const LoopQuestion> questions) && {
  std::vector<std::pair<crypto::Digest, std::size_t>> candidates;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& section = sections_[i];
    const int n_words = search::count_words(section.text);
    if (n_words < kSectionWordsMin || n_words > kSectionWordsMax) continue;
    if (n_of_title_[section.title] > 1) continue;
    if (std::ranges::any_of(questions, [&](const auto& one) { return is_about(section, one); }))
      continue;
    candidates.emplace_back(place_of(section, seed), i);
  }
  std::ranges::sort(candidates);
  std::set<std::size_t> chosen;
  const WordPlaces places(sections_);
  for (const auto& [_, i] : candidates) {
    if (chosen.size() == n) break;
    if (restated_share(sections_[i], i, places) < kRestatedMax) chosen.insert(i);
  }
  if (chosen.size() < n) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the documents have {} sections that can be withheld, not {}",
                            chosen.size(), n));
  }
  Planted out;
  for (std::size_t i = 0; i < sections_.size(); ++i)
    (chosen.contains(i) ? out.withheld : out.kept).push_back(std::move(sections_[i]));
  return out;
}

std::string sections_jsonl(std::span<const Section> sections) {
  std::string out;
  for (const auto& [title, text] : sections) {
    out += Json{{"title", title}, {"text", text}}.dump(-1, ' ', false,
                                                       Json::error_handler_t::replace) +
           "\n";
  }
  return out;
}

}  // namespace plmm::suites
