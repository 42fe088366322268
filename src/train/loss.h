// The head and cross-entropy on the supervised rows of a sequence.
#pragma once

#include <span>
#include <vector>

#include "model/model.h"
#include "train/linear.h"

namespace plmm::train {

/// One row that counts: the token at `row` should be followed by `target`.
struct Supervised {
  int row;
  text::TokenId target;
  float weight;
};

class Loss {
 public:
  /// `x` [n][n_embd]: what the last layer gave.
  Loss(const Team& team, const model::Model& model, Rows x, std::span<const Supervised> rows);

  /// Σ weight · −log p(target), in nats. Logits exist for kHeadRowsOfThread words at a time.
  double sum();
  /// d_x rows = the gradient of scale · sum() by x, others untouched. Needs: sum() was called.
  void backward(float scale, Rows d_x);

 private:
  int n() const { return static_cast<int>(rows_.size()); }
  void multiply(int panel_begin, int panel_end, float* logits, int ld, int thread) const;
  void chunk_gradient(int row_begin, float scale);

  const Team& team_;
  const model::Model& model_;
  const kernel::PackedMatrix& w_;
  Buffers& b_;
  Rows x_;
  std::span<const Supervised> rows_;
  kernel::QuantizedRows codes_;
  std::vector<float> target_logits_;
  std::vector<double> log_sums_;
};

}  // namespace plmm::train
