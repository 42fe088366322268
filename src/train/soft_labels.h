// A few words for a teacher's whole distribution: the likeliest exactly, the rest by fair draws.
#pragma once

#include <span>
#include <vector>

#include "base/rng.h"
#include "kernel/dispatch.h"
#include "train/sequence.h"

namespace plmm::train {

inline constexpr int kTopMax = 256;
inline constexpr int kDrawsMax = 256;

struct LabelOptions {
  int n_top = 32;            // of the likeliest tokens, with their probabilities; 0 … kTopMax
  int n_draws = 16;          // from the others, each with an equal share of theirs; 1 … kDrawsMax
  float temperature = 1.0F;  // above 0
};

/// Appends the labels of one row to `out`: in expectation over the draws each token has just its
/// probability (docs/training.md), so the gradient of the loss is that of the whole distribution.
///   logits [n_vocabulary] of the teacher, overwritten · target: the token that follows
/// Same seed of `rng`: the same labels on every kernel tier. The row's numbers are not finite where
/// the logits are not.
SoftRow append_labels(std::span<float> logits, text::TokenId target, const LabelOptions& options,
                      const kernel::Kernels& kernels, Rng& rng, std::vector<SoftLabel>& out);

/// Whether a row and its labels are what append_labels() makes: numbers in range, tokens that
/// ascend, probabilities that sum to 1.
bool is_sound(const SoftRow& row, std::span<const SoftLabel> labels, int n_vocabulary);

}  // namespace plmm::train
