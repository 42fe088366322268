// Attention over one sequence: softmax(q·kᵀ)·v within windows and segments, and its gradient.
#pragma once

#include <span>

#include "model/config.h"
#include "train/linear.h"

namespace plmm::train {

/// Which keys a token sees: those from first[t] to itself.
struct Visible {
  std::span<const int> first;  // [n]
  int n = 0;
};

/// o = attention of q (scaled and rotated), k (rotated) and v, in the arithmetic of inference.
void attention_forward(const Team& team, const model::ModelConfig& config, kernel::CacheType type,
                       const Visible& visible);

/// d_q, d_k, d_v from d_o; probabilities are computed again from q and k.
void attention_backward(const Team& team, const model::ModelConfig& config, const Visible& visible);

}  // namespace plmm::train
