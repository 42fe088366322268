// Initials of the words before a bracket, or at the beginning of an entry.
#include "expert/make_exam.h"

#include <algorithm>
#include <utility>

namespace plmm::expert {
namespace {

constexpr std::size_t kLettersMin = 3;  // of an abbreviation: two letters stand for too much
constexpr std::size_t kLettersMax = 6;
constexpr std::size_t kMeaningBytesMax = 100;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

bool is_abbreviation(std::string_view text) {
  return text.size() >= kLettersMin && text.size() <= kLettersMax &&
         std::ranges::all_of(text, is_upper);
}

/// Words divided by single spaces, of ASCII letters only.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool spells(const std::vector<std::string_view>& words, std::string_view abbreviation) {
  if (words.size() != abbreviation.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].size() < 2 || words[i].front() != abbreviation[i] ||
        !std::ranges::all_of(words[i], is_letter)) {
      return false;
    }
  }
  return true;
}

/// The first `n` words of a text in one line; empty where it has fewer.
std::string first_words(std::string_view text, std::size_t n) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) ++end;
    const std::size_t start = end;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == start) return "";
    if (i + 1 < n && (end == text.size() || text[end] != ' ')) return "";
  }
  return std::string(text.substr(0, end));
}

/// The last `n` words of a text.
std::string last_words(std::string_view text, std::size_t n) {
  std::size_t start = text.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) {
      if (start == 0 || text[start - 1] != ' ') return "";
      --start;
    }
    const std::size_t end = start;
    while (start > 0 && is_letter(text[start - 1])) --start;
    if (start == end) return "";
  }
  return std::string(text.substr(start));
}

}  // namespace

void Abbreviations::add(std::string abbreviation, std::string meaning) {
  if (meaning.size() > kMeaningBytesMax || !spells(words_of(meaning), abbreviation)) return;
  meanings_[std::move(abbreviation)].insert(std::move(meaning));
}

void Abbreviations::read(const NewPassage& passage) {
  const std::string_view text = passage.text;
  // The last part of "Guide › FTP" is the entry's own name.
  constexpr std::string_view kJoint = " › ";
  std::string_view title = passage.title;
  if (const auto at = title.rfind(kJoint); at != std::string_view::npos) {
    title.remove_prefix(at + kJoint.size());
  }
  if (is_abbreviation(title)) add(std::string(title), first_words(text, title.size()));
  for (std::size_t open = text.find(" ("); open != std::string_view::npos;
       open = text.find(" (", open + 2)) {
    const std::size_t close = text.find(')', open + 2);
    if (close == std::string_view::npos) break;
    const auto inside = text.substr(open + 2, close - open - 2);
    if (is_abbreviation(inside)) {
      add(std::string(inside), last_words(text.substr(0, open), inside.size()));
    }
  }
}

std::vector<eval::ExamQuestion> Abbreviations::questions(std::size_t n_max) const {
  std::vector<eval::ExamQuestion> all;
  for (const auto& [abbreviation, meanings] : meanings_) {
    if (meanings.size() != 1) continue;
    all.push_back({"What does " + abbreviation + " stand for?", {*meanings.begin()}, ""});
  }
  if (all.size() <= n_max) return all;
  std::vector<eval::ExamQuestion> out;
  for (std::size_t i = 0; i < n_max; ++i) out.push_back(std::move(all[i * all.size() / n_max]));
  return out;
}

Result<std::vector<eval::ExamQuestion>> make_exam(Library& library) {
  Abbreviations abbreviations;
  TRY(library.each([&](const NewPassage& passage) -> Result<> {
    abbreviations.read(passage);
    return {};
  }));
  return abbreviations.questions(kMadeQuestionsMax);
}

}  // namespace plmm::expert
