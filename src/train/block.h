// One layer of the model over one sequence, forward and backward.
#pragma once

#include <span>

#include "model/model.h"
#include "train/attention.h"
#include "train/linear.h"

namespace plmm::train {

/// The parts of a layer that the backward pass does not need may be left out when it is computed
/// again.
enum class Purpose : bool { output, gradients };

class Block {
 public:
  /// What `visible` looks at outlives it.
  Block(const Team& team, const model::Model& model, Visible visible, int index);

  /// From inputs[index]; the result to inputs[index + 1] where it is wanted.
  void forward(Purpose purpose);
  /// d_x holds the gradient by the layer's output; on return the one by its input, unless that is
  /// not wanted. Needs: forward() was the last call of any block.
  void backward(InputGradient wanted);

 private:
  Linear linear(model::LoraTarget target, const kernel::PackedMatrix& w, Rows y) const;
  void norm_rows(Rows x, const std::vector<float>& weight, Rows out);
  void rotate(int t);
  void rotate_back(int t);
  void attend();
  void feed_forward(Purpose purpose);
  /// out = x + y, or x + norm(y).
  void join(Rows x, Rows y, const std::vector<float>& post_norm, Rows out);
  /// Adds the gradient through a norm to d_x.
  void norm_backward(Rows x, const std::vector<float>& weight, Rows d);
  /// The gradient by a block's output before its norm, where it has one.
  Rows block_gradient(Rows raw, const std::vector<float>& post_norm);

  const Team& team_;
  const kernel::Kernels& k_;
  const model::Model& model_;
  const model::ModelConfig& c_;
  const model::LayerWeights& w_;
  Buffers& b_;
  Visible visible_;
  int n_;
  int index_;
};

}  // namespace plmm::train
