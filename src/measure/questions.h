// How many questions a model answers right: by the likelihood of choices, or in its own words.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "measure/eval_file.h"
#include "measure/scorer.h"

namespace plmm::measure {

/// texts: each choice's text behind the question. letters: the choices are listed in the question,
/// and their letters stand behind it.
enum class Compared : std::uint8_t { texts, letters };

/// Whether the right choice was the likeliest.
struct Choice {
  bool is_right = false;             // by the sum of its tokens' ln p ("acc")
  bool is_right_for_length = false;  // by that sum over its characters ("acc_norm")
};

/// "Question: …\nAnswer:" is read once for all choices. Errors of Scorer::score(); invalid_argument
/// names the line of a question that is longer than the model's context.
Result<std::vector<Choice>> choose(Scorer& scorer, const text::Tokenizer& tokenizer,
                                   std::span<const AtLine<eval::ChoiceQuestion>> questions,
                                   Compared compared, const Cancel& cancel,
                                   const std::function<void(std::size_t)>& on_done = {});

inline constexpr int kAnswerTokensMax = 160;

/// Each question as the only turn of a chat, its likeliest answer (greedy, kAnswerTokensMax tokens
/// at most) against its aliases (eval/right.h); several are answered together. unsupported without
/// a chat template; invalid_argument as above; cancelled.
Result<std::vector<bool>> answer(const Subject& subject,
                                 std::span<const AtLine<eval::ExamQuestion>> questions,
                                 const Cancel& cancel,
                                 const std::function<void(std::size_t)>& on_done = {});

}  // namespace plmm::measure
