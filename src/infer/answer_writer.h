// From logits to the tokens, the text and the end of one answer.
#pragma once

#include <cstddef>
#include <span>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/sampler.h"
#include "infer/session.h"
#include "infer/stop_text.h"
#include "text/tokenizer.h"

namespace plmm::infer {

/// corrupt_data when one of a row of logits is not a number.
Result<> check_numbers(std::span<const float> logits);

/// What happens to each token of an answer, wherever its logits come from. All that is given to it
/// outlives it.
class AnswerWriter {
 public:
  /// Tokens and text go to `out`, whose stop is `cancelled` until the answer has another end.
  AnswerWriter(const text::Tokenizer& tokenizer, const GenerateOptions& options,
               const OnText& on_text, int n_context, Generation& out)
      : tokenizer_(tokenizer),
        options_(options),
        on_text_(on_text),
        n_context_(n_context),
        out_(out),
        sampler_(options.sampler),
        stops_(options.stop) {
    out_.stop = StopReason::cancelled;
  }
  AnswerWriter(const AnswerWriter&) = delete;
  AnswerWriter& operator=(const AnswerWriter&) = delete;
  ~AnswerWriter() = default;

  /// The token behind `tokens`, prompt included. `logits` [n_vocabulary] are changed in place.
  /// Errors as check_numbers().
  Result<text::TokenId> choose(std::span<float> logits, std::span<const text::TokenId> tokens);
  /// Adds that token to the answer, which stands behind the n_held tokens that the cache holds.
  /// True: the answer goes on, and the token is fed next.
  bool take(text::TokenId token, std::size_t n_held, const Cancel& cancel);
  /// As it will draw the next token.
  const Sampler& sampler() const { return sampler_; }
  /// Gives out what was held back, once the answer has ended.
  void finish();

 private:
  void emit(const std::string& text);

  const text::Tokenizer& tokenizer_;
  const GenerateOptions& options_;
  const OnText& on_text_;
  int n_context_;
  Generation& out_;
  Sampler sampler_;
  text::StreamDecoder characters_;
  StopText stops_;
};

}  // namespace plmm::infer
