// The head on the supervised rows of a sequence: cross-entropy with what follows, and with what a
// teacher says.
#pragma once

#include <span>
#include <vector>

#include "model/model.h"
#include "train/linear.h"
#include "train/sequence.h"

namespace plmm::train {

/// One row that counts: the token at `row` should be followed by `target`.
struct Supervised {
  int row;
  text::TokenId target;
  float weight;
};

class Loss {
 public:
  /// `x` [n][n_embd]: what the last layer gave. `sequence` is checked (Trainer), and `rows` are its
  /// own.
  Loss(const Team& team, const model::Model& model, Rows x, std::span<const Supervised> rows,
       const Sequence& sequence);

  /// Of a choice its loss (Sequence). Else Σ weight · ((1 − α) · −log p(target) + α · T² ·
  /// KL(teacher ‖ p)), in nats, with the teacher's share α and temperature T; without a teacher α
  /// is 0. Logits exist for kHeadRowsOfThread words at a time.
  double sum();
  /// d_x rows = the gradient of scale · sum() by x, others untouched. Needs: sum() was called.
  void backward(float scale, Rows d_x);

 private:
  int n() const { return static_cast<int>(rows_.size()); }
  bool is_taught() const { return !teacher_.rows.empty() && teacher_.share > 0.0F; }
  /// Whether the teacher's softmax is another one than that of the data.
  bool is_tempered() const { return is_taught() && teacher_.temperature != 1.0F; }
  /// Labels of row i with tokens in [begin, end).
  std::span<const SoftLabel> labels_of(int i, int begin, int end) const;
  void multiply(int panel_begin, int panel_end, float* logits, int ld, int thread) const;
  /// What sum() needs of the logits of row i, words [begin, begin + n_words).
  void take(int i, int chunk, int begin, int n_words, float* row);
  /// log Σ exp of row i, of what the chunks hold.
  double log_sum(int i, const float* maximum, const float* sums) const;
  double divergence(int i) const;
  /// −ln of the share of the first segment; weights_ then make row gradients of it.
  double choice();
  void chunk_gradient(int row_begin, float scale);
  /// logits = the gradient of row i by its words [begin, begin + n_words); `spare` as long.
  void row_gradient(int i, int begin, int n_words, float scale, float* logits, float* spare) const;

  const Team& team_;
  const model::Model& model_;
  const kernel::PackedMatrix& w_;
  Buffers& b_;
  Rows x_;
  std::span<const Supervised> rows_;
  const Sequence& sequence_;
  std::vector<float> weights_;  // of rows; negative where a choice makes them less likely
  kernel::QuantizedRows codes_;
  std::vector<float> target_logits_;
  std::vector<double> log_sums_;
  SoftLabels teacher_;
  std::vector<std::size_t> label_begins_;  // [n + 1]
  std::vector<float> label_logits_;        // of each label, not divided by the temperature
  std::vector<float> tempered_maximum_, tempered_sum_;  // as Buffers::chunk_…, of logits / T
  std::vector<double> tempered_log_sums_;
};

}  // namespace plmm::train
