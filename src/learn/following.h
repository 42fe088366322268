// Teaches a model to heed what a person has told it about themselves: on questions whose best
// answer depends on that, and on nothing personal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "eval/preference_questions.h"
#include "infer/engine.h"
#include "learn/learner.h"
#include "measure/scorer.h"
#include "model/lora.h"

namespace plmm::learn {

/// A question behind a note of what the person said, as a chat would have it.
struct FollowingCase {
  std::string turn;
  std::vector<std::string> options;
  std::size_t right = 0;
};

/// One case for each preference of each question, options in a drawn order.
///   n_others_max: statements of other questions that may stand in the same note
std::vector<FollowingCase> following_cases(std::span<const eval::PreferenceQuestion> questions,
                                           int n_others_max, std::uint64_t seed);

/// The system text that all cases stand behind: that of a chat with a person of whom nothing is
/// known.
std::string following_system();

/// Of each case whether its right option is the likeliest (choice_form.h). unsupported without a
/// chat template; errors of Scorer::score(). `on_done(n)` counts cases.
Result<std::vector<bool>> choose(const measure::Subject& subject,
                                 std::span<const FollowingCase> cases, const Cancel& cancel,
                                 const std::function<void(std::size_t)>& on_done = {});

/// Shares of the test questions, and perplexities of general text.
struct FollowingFigures {
  double right_before = 0;
  double right_after = 0;
  double general_before = 0;
  double general_after = 0;
};

struct Followed {
  model::LoraAdapter adapter;
  FollowingFigures figures;
  double strength = 1;
  int n_steps = 0;
  double seconds = 0;
};

/// As learn(): the model tested by the one questions, a LoRA trained on the others, made weaker
/// where general text gets worse, and tested. Nothing is written anywhere. invalid_argument without
/// questions, or where the model's context is too short for them.
Result<Followed> learn_to_follow(infer::Engine& engine,
                                 std::span<const eval::PreferenceQuestion> questions,
                                 std::span<const eval::PreferenceQuestion> tests,
                                 const LearnOptions& options,
                                 const std::function<void(const LearnProgress&)>& on_progress,
                                 const Cancel& cancel);

}  // namespace plmm::learn
