// Attention over one sequence: softmax(q·kᵀ)·v within windows and segments, and its gradient.
#pragma once

#include <span>

#include "model/config.h"
#include "train/linear.h"

namespace plmm::train {

/// Which keys a token sees: of its own segment those from first[t] to itself, and of the tokens
/// that all segments share, which stand before them, those from first_shared[t] on.
struct Visible {
  std::span<const int> first;         // [n]
  std::span<const int> first_shared;  // [n]; n_shared: none
  std::span<const int> starts;        // of segments, ascending, the first is n_shared
  int n = 0;
  int n_shared = 0;
};

/// o = attention of q (scaled and rotated), k (rotated) and v, in the arithmetic of inference.
void attention_forward(const Team& team, const model::ModelConfig& config, kernel::CacheType type,
                       const Visible& visible);

/// d_q, d_k, d_v from d_o; probabilities are computed again from q and k.
void attention_backward(const Team& team, const model::ModelConfig& config, const Visible& visible);

}  // namespace plmm::train
