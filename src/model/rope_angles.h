// The angles by which positions are rotated.
#pragma once

#include <span>

#include "model/config.h"

namespace plmm::model {

/// Cosines and sines [n][head_dim / 2] of the positions first, first + 1, …, of local layers or of
/// the others. `factors` [head_dim / 2] divide the frequencies of global layers; may be empty.
/// Angles in f32 products, as the models were trained and as transformers computes them; cosines in
/// double, rounded.
void fill_rope_angles(const ModelConfig& config, std::span<const float> factors, bool local,
                      int first, int n, float* cosines, float* sines);

}  // namespace plmm::model
