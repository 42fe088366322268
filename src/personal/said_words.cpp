// One pass over the bytes; see said_words.h.
#include "personal/said_words.h"

#include <algorithm>
#include <array>

namespace plmm::personal {
namespace {

struct Contraction {
  std::string_view whole, first, second;
};
constexpr std::array<Contraction, 40> kContractions{{
    {"i'm", "i", "am"},           {"im", "i", "am"},           {"i've", "i", "have"},
    {"ive", "i", "have"},         {"i'd", "i", "would"},       {"i'll", "i", "will"},
    {"we're", "we", "are"},       {"we've", "we", "have"},     {"we'd", "we", "would"},
    {"we'll", "we", "will"},      {"don't", "do", "not"},      {"dont", "do", "not"},
    {"doesn't", "does", "not"},   {"doesnt", "does", "not"},   {"didn't", "did", "not"},
    {"didnt", "did", "not"},      {"can't", "can", "not"},     {"cant", "can", "not"},
    {"cannot", "can", "not"},     {"won't", "will", "not"},    {"wont", "will", "not"},
    {"isn't", "is", "not"},       {"isnt", "is", "not"},       {"aren't", "are", "not"},
    {"wasn't", "was", "not"},     {"haven't", "have", "not"},  {"havent", "have", "not"},
    {"wouldn't", "would", "not"}, {"wouldnt", "would", "not"}, {"name's", "name", "is"},
    {"wanna", "want", "to"},      {"gonna", "going", "to"},    {"gotta", "got", "to"},
    {"it's", "it", "is"},         {"that's", "that", "is"},    {"what's", "what", "is"},
    {"he's", "he", "is"},         {"she's", "she", "is"},      {"favorite's", "favorite", "is"},
    {"major's", "major", "is"},
}};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Bytes of a typographic sign that begins at `at`, and what it stands for; 0: none does.
struct Sign {
  std::size_t n_bytes = 0;
  char means = 0;
};
Sign sign_at(std::string_view text, std::size_t at) {
  const auto is = [&](std::string_view bytes) { return text.substr(at).starts_with(bytes); };
  if (is("\u2018") || is("\u2019")) return {3, '\''};
  if (is("\u201C") || is("\u201D") || is("\u201E")) return {3, '"'};
  if (is("\u00AB") || is("\u00BB")) return {2, '"'};
  if (is("\u2026") || is("\u2013") || is("\u2014")) return {3, ':'};
  return {};
}

class Reader {
 public:
  explicit Reader(std::string_view said) : said_(said) {}

  std::vector<SaidSentence> take() {
    while (at_ < said_.size()) step();
    end_sentence(false);
    return std::move(out_);
  }

 private:
  void step() {
    const Sign sign = sign_at(said_, at_);
    if (sign.n_bytes == 0 && is_letter(said_[at_])) return word();
    const std::size_t n = sign.n_bytes == 0 ? 1 : sign.n_bytes;
    separator(sign.n_bytes == 0 ? said_[at_] : sign.means, at_ + n);
    at_ += n;
  }

  void separator(char c, std::size_t next) {
    const bool before_space = next >= said_.size() || said_[next] == ' ' || said_[next] == '\n' ||
                              said_[next] == '\t' || !is_letter(said_[next]);
    if (c == '\n' || ((c == '.' || c == '!' || c == '?') && before_space)) {
      return end_sentence(c == '?');
    }
    if (c == '"') is_quoted_ = !is_quoted_;
    if (c == ',') {
      gap_ = std::max(gap_, Gap::comma);
    } else if (c != ' ' && c != '\t' && c != '-' && c != '/' && c != '\'' && c != '*') {
      gap_ = Gap::strong;
    }
  }

  /// Letters and digits, and apostrophes, hyphens and dots that have one on both sides.
  void word() {
    const std::size_t begin = at_;
    std::string text;
    while (at_ < said_.size()) {
      const Sign sign = sign_at(said_, at_);
      const char c = sign.n_bytes == 0 ? said_[at_] : sign.means;
      const std::size_t n = sign.n_bytes == 0 ? 1 : sign.n_bytes;
      const bool joins = (c == '\'' || c == '-' || c == '.') && at_ + n < said_.size() &&
                         is_letter(said_[at_ + n]) && sign_at(said_, at_ + n).n_bytes == 0;
      if (sign.n_bytes == 0 ? !is_letter(c) && !joins : !joins) break;
      text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      at_ += n;
    }
    const bool capital = said_[begin] >= 'A' && said_[begin] <= 'Z';
    const auto parts = std::ranges::find(kContractions, text, &Contraction::whole);
    if (parts == kContractions.end()) return add(std::move(text), begin, capital);
    add(std::string(parts->first), begin, capital);
    add(std::string(parts->second), begin, false);
  }

  void add(std::string text, std::size_t begin, bool capital) {
    const Gap gap = sentence_.words.empty() ? Gap::strong : gap_;
    sentence_.words.push_back({std::move(text), begin, at_, gap, capital, is_quoted_});
    gap_ = Gap::none;
  }

  void end_sentence(bool asks) {
    gap_ = Gap::none;
    if (sentence_.words.empty()) return;
    sentence_.asks = asks;
    out_.push_back(std::move(sentence_));
    sentence_ = {};
  }

  std::string_view said_;
  std::size_t at_ = 0;
  Gap gap_ = Gap::none;
  bool is_quoted_ = false;
  SaidSentence sentence_;
  std::vector<SaidSentence> out_;
};

}  // namespace

std::vector<SaidSentence> words_of(std::string_view said) { return Reader(said).take(); }

}  // namespace plmm::personal
