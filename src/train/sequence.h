// What a model learns from: token sequences that say which of their tokens count, and what a
// teacher says of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/tokenizer.h"

namespace plmm::train {

/// A token that a teacher thinks possible, and its share of what comes next.
struct SoftLabel {
  text::TokenId token;
  float probability;
};

/// What a teacher says of one row that counts.
struct SoftRow {
  float entropy;           // nats, of its whole distribution at the temperature of the labels
  float loss;              // its −log p of the token that follows, at temperature 1
  std::uint32_t n_labels;  // their probabilities sum to 1
};

/// What a teacher says of a sequence. Views: who owns them outlives the sequence.
struct SoftLabels {
  std::span<const SoftRow> rows;      // of each row that counts, in order; empty: no teacher
  std::span<const SoftLabel> labels;  // of all rows in turn; the tokens of a row ascend
  float share = 0.0F;                 // of the teacher in the loss, 0 … 1; the rest is the data's
  float temperature = 1.0F;
};

/// One or more documents end to end. Attention and positions start anew at each segment, so that
/// packed documents do not see each other.
struct Sequence {
  std::vector<text::TokenId> tokens;
  /// Weight of the loss of predicting tokens[i + 1] behind tokens[i]; one for each token, 0 for the
  /// last of each segment, finite and not negative.
  std::vector<float> weights;
  std::vector<int> segment_starts;  // ascending, the first is n_shared; empty: one segment
  /// Tokens at the front that all segments see and go on from, as if each began with them. They
  /// are computed once, and have no weight.
  int n_shared = 0;
  SoftLabels teacher;
  /// Each segment is the same question with another answer, and the first one's is right. What is
  /// learnt is which: loss = −ln softmax(s)[0] − likelihood · s[0] of the segments' s = Σ weight ·
  /// ln p, and the sequence counts as one row of weight 1.
  bool is_choice = false;
  float likelihood = 0.0F;  // of a choice, finite and not negative
};

}  // namespace plmm::train
