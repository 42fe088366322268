// What a model learns from: token sequences that say which of their tokens count.
#pragma once

#include <vector>

#include "text/tokenizer.h"

namespace plmm::train {

/// One or more documents end to end. Attention and positions start anew at each segment, so that
/// packed documents do not see each other.
struct Sequence {
  std::vector<text::TokenId> tokens;
  /// Weight of the loss of predicting tokens[i + 1] behind tokens[i]; one for each token, 0 for the
  /// last of each segment, finite and not negative.
  std::vector<float> weights;
  std::vector<int> segment_starts;  // ascending, the first is 0; empty: one segment
};

}  // namespace plmm::train
