// Sampling, whole characters, stop conditions: what one token means for an answer.
#include "infer/answer_writer.h"

#include <algorithm>
#include <string>

namespace plmm::infer {

Result<> check_numbers(std::span<const float> logits) {
  constexpr std::size_t kLanes = 16;  // sums side by side: one alone would wait for itself
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes) {
    // Each adds 0, or NaN when a logit is infinite or NaN.
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += logits[i + lane] * 0.0F;
  }
  for (; i < logits.size(); ++i) sums[0] += logits[i] * 0.0F;
  if (std::ranges::all_of(sums, [](float sum) { return sum == 0.0F; })) return {};
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
