// Both texts become lists of words; an answer is a run of them.
#include "eval/right.h"

#include <algorithm>
#include <string>
#include <vector>

#include "text/bert_normalize.h"
#include "text/unicode.h"

namespace plmm::eval {
namespace {

using Words = std::vector<std::u32string>;

enum class Hyphens : std::uint8_t { divide, join };
enum class Articles : std::uint8_t { keep, drop };

constexpr std::size_t kGroupDigits = 3;  // behind a comma of thousands

bool is_number(char32_t c) { return text::char_class(c) == text::CharClass::number; }
bool is_letter(char32_t c) { return text::char_class(c) == text::CharClass::letter; }
bool is_hyphen(char32_t c) { return c == U'-' || c == 0x2010 || c == 0x2011; }
bool is_minus(char32_t c) { return c == U'-' || c == 0x2212; }
bool is_apostrophe(char32_t c) { return c == U'\'' || c == 0x2019; }

/// Cuts a text that is in lower case into words.
class Cutter {
 public:
  Cutter(std::u32string_view text, Hyphens hyphens) : text_(text), hyphens_(hyphens) {}

  Words cut() {
    for (; at_ < text_.size(); ++at_) put(text_[at_]);
    end_word();
    return std::move(words_);
  }

 private:
  char32_t next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : U' '; }
  char32_t last() const { return word_.empty() ? U' ' : word_.back(); }

  void put(char32_t c) {
    if (is_letter(c) || is_number(c)) {
      word_ += c;
    } else if (c == U'.' && is_number(last()) && is_number(next())) {
      word_ += c;
    } else if (c == U',' && is_group()) {
      // "1,000" is one number, and the same as "1000".
    } else if ((c == U'+' || c == U'#') && is_name_sign()) {
      word_ += c;
    } else if (is_minus(c) && word_.empty() && is_number(next()) && begins_number()) {
      word_ += U'-';
    } else if (is_apostrophe(c) || (is_hyphen(c) && hyphens_ == Hyphens::join)) {
      // "Moore's" is "moores", "e-mail" is "email".
    } else {
      end_word();
      if (c == U'%') words_.push_back(U"percent");
    }
  }

  /// A comma between digits, of which three and no more follow.
  bool is_group() const {
    if (!is_number(last())) return false;
    std::size_t n = 0;
    while (at_ + 1 + n < text_.size() && is_number(text_[at_ + 1 + n])) ++n;
    return n == kGroupDigits;
  }
  /// "c++", "c#": the signs belong to the letter or sign before them.
  bool is_name_sign() const {
    return is_letter(last()) || last() == U'+' ? !is_letter(next()) && !is_number(next()) : false;
  }
  /// "-5" behind a space is a number, the hyphen of "3-5" is none.
  bool begins_number() const {
    return at_ == 0 || text_[at_ - 1] == U' ' || text_[at_ - 1] == U'(';
  }

  void end_word() {
    if (!word_.empty()) words_.push_back(std::move(word_));
    word_.clear();
  }

  std::u32string_view text_;
  Hyphens hyphens_;
  std::size_t at_ = 0;
  std::u32string word_;
  Words words_;
};

bool is_article(const std::u32string& word) {
  return word == U"a" || word == U"an" || word == U"the";
}

Words words_of(std::u32string_view text, Hyphens hyphens, Articles articles) {
  Words out = Cutter(text, hyphens).cut();
  if (articles == Articles::drop) std::erase_if(out, is_article);
  return out;
}

bool contains(const Words& words, const Words& run) {
  return !run.empty() && !std::ranges::search(words, run).empty();
}

bool says(std::u32string_view text, std::u32string_view answer) {
  for (const Hyphens hyphens : {Hyphens::divide, Hyphens::join}) {
    auto run = words_of(answer, hyphens, Articles::keep);
    // "Vitamin A" without its article would be any vitamin.
    const auto articles = !run.empty() && is_article(run.back()) ? Articles::keep : Articles::drop;
    if (articles == Articles::drop) std::erase_if(run, is_article);
    if (contains(words_of(text, hyphens, articles), run)) return true;
  }
  return false;
}

}  // namespace

bool says(std::string_view text, std::string_view answer) {
  return says(std::u32string_view(text::normalize_uncased(text)),
              std::u32string_view(text::normalize_uncased(answer)));
}

bool is_right(std::string_view text, const ExamQuestion& question) {
  return std::ranges::any_of(question.answers,
                             [&](const auto& answer) { return says(text, answer); });
}

bool has_words(std::string_view text) {
  return !Cutter(text::normalize_uncased(text), Hyphens::divide).cut().empty();
}

}  // namespace plmm::eval
