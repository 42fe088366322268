// Sampling, whole characters, stop conditions: what one token means for an answer.
#include "infer/answer_writer.h"

#include <string>

namespace plmm::infer {

Result<> check_numbers(std::span<const float> logits) {
  float sum = 0.0F;
  for (const float logit : logits) sum += logit * 0.0F;  // 0, or NaN when any is infinite or NaN
  if (sum == 0.0F) return {};
  return fail(ErrorCode::corrupt_data,
              "the model computed a value that is not a number; its file may be damaged");
}

Result<text::TokenId> AnswerWriter::choose(std::span<float> logits,
                                           std::span<const text::TokenId> tokens) {
  TRY(check_numbers(logits));
  return sampler_.next(logits, tokens);
}

bool AnswerWriter::take(text::TokenId token, std::size_t n_held, const Cancel& cancel) {
  if (tokenizer_.is_end(token)) {
    out_.stop = StopReason::end_of_turn;
    return false;
  }
  if (cancel.requested()) return false;
  out_.tokens.push_back(token);
  bool stopped = false;
  emit(stops_.push(characters_.push(tokenizer_.piece(token)), stopped));
  if (stopped) {
    out_.stop = StopReason::stop_text;
  } else if (static_cast<int>(out_.tokens.size()) >= options_.n_tokens_max) {
    out_.stop = StopReason::length;
  } else if (static_cast<int>(n_held) >= n_context_) {
    out_.stop = StopReason::context_full;
  }
  return out_.stop == StopReason::cancelled;
}

void AnswerWriter::finish() {
  if (out_.stop == StopReason::stop_text) return;
  bool ignored = false;
  emit(stops_.push(characters_.finish(), ignored));
  emit(stops_.finish());
}

void AnswerWriter::emit(const std::string& text) {
  if (text.empty()) return;
  out_.text += text;
  if (on_text_) on_text_(text);
}

}  // namespace plmm::infer
