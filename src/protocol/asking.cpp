// Joins the pieces of an answer and compares them with its end.
#include "protocol/asking.h"

#include <utility>

#include "protocol/receipt.h"

namespace plmm::protocol {
namespace {

/// Takes the pieces of one answer.
class Joined {
 public:
  /// Whether the piece is the next one and the answer not too long.
  Result<> add(const AnswerChunk& chunk) {
    TRY(check(chunk));
    if (chunk.number != n_chunks_) {
      return fail(ErrorCode::corrupt_data, "a piece of the answer is missing or came twice");
    }
    if (text_.size() + chunk.text.size() > kAnswerBytesMax) {
      return fail(ErrorCode::limit_exceeded,
                  "the answer is over " + std::to_string(kAnswerBytesMax) + " bytes");
    }
    ++n_chunks_;
    text_ += chunk.text;
    return {};
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::uint64_t n_chunks_ = 0;
};

}  // namespace

std::string without_marks(std::string_view answer) {
  std::string out;
  while (!answer.empty()) {
    const auto begin = answer.find(" [");
    out += answer.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const auto end = answer.find_first_not_of("0123456789", begin + 2);
    const bool is_mark = end != std::string_view::npos && end > begin + 2 && answer[end] == ']';
    if (!is_mark) out += answer.substr(begin, 2);
    answer.remove_prefix(is_mark ? end + 1 : begin + 2);
  }
  return out;
}

Result<CheckedAnswer> ask_and_check(ExpertPort& expert, const ExpertCard& card, const Ask& ask,
                                    const OnChunk& on_chunk, const Cancel& cancel) {
  Joined joined;
  Result<> pieces;
  auto end = expert.ask(
      ask,
      [&](const AnswerChunk& chunk) {
        if (!pieces) return;
        pieces = joined.add(chunk);
        if (pieces) on_chunk(chunk);
      },
      cancel);
  if (!pieces) return std::unexpected(std::move(pieces).error());
  CheckedAnswer out;
  out.end = TRY(std::move(end));
  out.text = joined.take();
  TRY(check_answer(card, ask, out.text, out.end));
  return out;
}

}  // namespace plmm::protocol
