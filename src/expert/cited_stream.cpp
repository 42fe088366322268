// Finds the ends of sentences in a stream, and the passages behind them.
#include "expert/cited_stream.h"

#include <algorithm>
#include <utility>

#include "reader/plain_text.h"
#include "text/unicode.h"

namespace plmm::expert {
namespace {

constexpr int kFence = 3;  // ``` begins and ends code

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool ends(char c) { return c == '.' || c == '!' || c == '?'; }
bool closes(char c) { return c == '"' || c == '\'' || c == ')' || c == ']' || c == '*'; }

}  // namespace

CitedStream::CitedStream(std::span<const search::Hit> passages, std::string_view question,
                         std::function<void(std::string_view)> emit)
    : passages_(passages), question_(content_words(question)), emit_(std::move(emit)) {
  for (const auto& passage : passages_) {
    words_.push_back(content_words(passage.title + "\n" + passage.text));
  }
}

void CitedStream::push(std::string_view text) {
  for (const char c : text) put(c);
  if (!out_.empty()) emit_(std::exchange(out_, {}));
}

void CitedStream::put(char c) {
  if (is_space(c)) {
    spaces_ += c;
    return;
  }
  if (!spaces_.empty()) {
    const bool at_break = spaces_.contains('\n');
    if (at_break || (may_end_ && !is_lower(c))) end_sentence();
    if (!sentence_.empty()) sentence_ += ' ';
    out_ += std::exchange(spaces_, {});
  }
  out_ += c;
  sentence_ += c;
  n_ticks_ = c == '`' ? n_ticks_ + 1 : 0;
  if (n_ticks_ == kFence) {
    is_code_ = !is_code_;
    sentence_.clear();
  }
  may_end_ = ends(c) || (may_end_ && closes(c));
}

void CitedStream::finish() {
  end_sentence();
  spaces_.clear();
  if (!out_.empty()) emit_(std::exchange(out_, {}));
}

void CitedStream::end_sentence() {
  const auto words = content_words(std::exchange(sentence_, {}));
  if (is_code_ || words.words.empty()) return;
  double best = 0;
  std::size_t passage = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const double here = support(words, question_, words_[i]);
    if (here > best) {
      best = here;
      passage = i;
    }
  }
  if (best < kSupportMin) return;
  const auto number = number_of(passage);
  if (number > 0) out_ += " [" + std::to_string(number) + "]";
}

/// 0 when there are too many.
std::size_t CitedStream::number_of(std::size_t passage) {
  const auto found = std::ranges::find(cited_, passage);
  if (found != cited_.end()) return static_cast<std::size_t>(found - cited_.begin()) + 1;
  if (cited_.size() == protocol::kCitationsMax) return 0;
  const auto& hit = passages_[passage];
  protocol::Citation citation;
  citation.number = cited_.size() + 1;
  citation.passage = static_cast<std::uint64_t>(hit.id);
  citation.document = reader::one_line(hit.document, protocol::kTitleBytesMax);
  citation.title = reader::one_line(hit.title, protocol::kTitleBytesMax);
  citation.text = text::first_bytes(hit.text, protocol::kPassageBytesMax);
  citations_.push_back(std::move(citation));
  cited_.push_back(passage);
  return cited_.size();
}

}  // namespace plmm::expert
