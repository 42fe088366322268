// A question behind a note of what a person said, and its options as answers, as the model sees
// them in a chat.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "measure/scorer.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"
#include "train/sequence.h"

namespace plmm::learn {

struct ChoiceForm {
  text::TemplateFamily family = text::TemplateFamily::plain;
  std::string system;  // empty: none
};

/// The turn as context, each option as what may follow, without the token that ends an answer.
measure::Candidates candidates(const ChoiceForm& form, std::string_view turn,
                               std::span<const std::string> options,
                               const text::Tokenizer& tokenizer);

/// The option with the largest Σ ln p for its bytes, as "acc_norm" (docs/formats/eval.md).
std::size_t likeliest(const measure::LogProbabilities& known, std::span<const std::string> options);

/// The same as a choice to learn from, the right one first: the loss compares kSharpness times the
/// mean ln p of a byte.
train::Sequence encode_choice(const measure::Candidates& candidates,
                              std::span<const std::string> options, std::size_t right,
                              double sharpness);

}  // namespace plmm::learn
