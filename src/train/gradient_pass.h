// Loss and gradients of one sequence: layer inputs are kept, everything else is computed again.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "model/model.h"
#include "train/block.h"
#include "train/linear.h"
#include "train/loss.h"
#include "train/sequence.h"

namespace plmm::train {

/// Rows that count, in order.
std::vector<Supervised> supervised_rows(const Sequence& sequence);

class GradientPass {
 public:
  /// Needs: a checked sequence (Trainer) with at least one row that counts.
  GradientPass(const Team& team, const model::Model& model, const Sequence& sequence,
               std::span<const Supervised> rows);

  /// Σ weight · loss; nothing when cancelled.
  std::optional<double> loss(const Cancel& cancel);
  /// Adds the gradients of scale · loss(); false when cancelled. Needs: loss() returned a value.
  bool add_gradients(float scale, const Cancel& cancel);

 private:
  void embed();
  void place_segments();
  void fill_angles();
  Block block(int layer) const;

  const Team& team_;
  const model::Model& model_;
  const model::ModelConfig& c_;
  const Sequence& sequence_;
  std::span<const Supervised> rows_;
  int n_;  // tokens up to the last that counts; the others change nothing
  std::vector<int> starts_;
  struct Firsts {
    std::vector<int> own, shared;  // [n] each (Visible)
  };
  std::array<Firsts, 2> firsts_;  // of global and of local layers
  std::optional<Loss> head_;
};

}  // namespace plmm::train
