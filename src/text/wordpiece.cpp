// Words and punctuation, then for each word the longest pieces of the vocabulary from the left.
#include "text/wordpiece.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "text/bert_normalize.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

constexpr std::size_t kVocabularyMax = 1U << 22U;  // tokens; BERT's largest has 500,000
constexpr std::size_t kWordMax = 100;              // characters; a longer word is unknown
constexpr std::string_view kContinues = "##";      // before pieces that do not begin a word

bool is_ascii_punctuation(char32_t c) {
  return c < 0x80 && c > U' ' && char_class(c) != CharClass::letter &&
         char_class(c) != CharClass::number && c != 0x7F;
}

/// Stands for itself, whatever is beside it. BERT takes all of ASCII's symbols for punctuation.
bool stands_alone(char32_t c) {
  return is_ascii_punctuation(c) || char_class(c) == CharClass::punctuation;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Result<WordPiece> WordPiece::create(std::string_view vocabulary, std::string_view name) {
  const auto tokens = lines_of(vocabulary);
  if (tokens.size() > kVocabularyMax) {
    return fail(ErrorCode::limit_exceeded,
                std::string(name) + ": more than " + std::to_string(kVocabularyMax) + " tokens");
  }
  WordPiece out;
  out.index_ = std::make_shared<TokenIndex>(tokens);
  for (const auto& [text, id] :
       {std::pair{"[CLS]", &out.start_}, {"[SEP]", &out.separator_}, {"[UNK]", &out.unknown_}}) {
    const auto found = out.index_->find(text);
    if (!found) {
      return fail(ErrorCode::corrupt_data,
                  std::string(name) + ": has no token " + text +
                      " (not the vocabulary of a BERT model?). Run: plmm pull all-minilm-l6-v2");
    }
    *id = *found;
  }
  return out;
}

std::vector<TokenId> WordPiece::encode(std::string_view utf8, std::size_t n_tokens_max) const {
  CHECK(n_tokens_max >= 2);
  const std::size_t n_max = n_tokens_max - 1;  // without [SEP]
  std::vector<TokenId> out{start_};
  const std::u32string text = normalize_uncased(utf8);
  for (std::size_t at = 0; at < text.size() && out.size() < n_max;) {
    if (text[at] == U' ') {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (!stands_alone(text[at]) && end < text.size() && text[end] != U' ' &&
           !stands_alone(text[end])) {
      ++end;
    }
    append_word(std::u32string_view(text).substr(at, end - at), n_max, out);
    at = end;
  }
  out.push_back(separator_);
  return out;
}

/// The pieces of one word, or [UNK] where any part of it is in no piece; up to n_max ids in `out`.
void WordPiece::append_word(std::u32string_view word, std::size_t n_max,
                            std::vector<TokenId>& out) const {
  if (word.size() > kWordMax) return out.push_back(unknown_);
  std::string bytes(kContinues);
  for (const char32_t c : word) append_utf8(c, bytes);
  const std::string_view whole = bytes;
  const std::size_t n_before = out.size();
  for (std::size_t at = kContinues.size(); at < whole.size();) {
    const bool is_first = at == kContinues.size();
    // Behind the first piece the two bytes before `at` stand for "##": they are spent, and put back
    // by nobody who would need them.
    const std::size_t begin = is_first ? at : at - kContinues.size();
    if (!is_first) std::ranges::copy(kContinues, bytes.data() + begin);
    std::size_t n = std::min(whole.size() - begin, index_->longest());
    std::optional<TokenId> id;
    for (; n > at - begin; --n) {
      const bool cuts_character = begin + n < whole.size() &&
                                  (static_cast<unsigned char>(whole[begin + n]) & 0xC0U) == 0x80;
      if (!cuts_character) id = index_->find(whole.substr(begin, n));
      if (id) break;
    }
    if (!id) {
      out.resize(n_before);
      return out.push_back(unknown_);
    }
    out.push_back(*id);
    at = begin + n;
  }
  out.resize(std::min(out.size(), n_max));
}

}  // namespace plmm::text
