// The numbers that training changes: all pairs of an adapter in one array, with gradients beside.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "model/lora.h"

namespace plmm::train {

/// Where a pair's numbers are: A [rank][n_in] from `a` on, and B turned, [rank][n_out], from `b`.
struct PairPlace {
  int rank = 0;  // 0: not trained
  int n_in = 0;
  int n_out = 0;
  float scaling = 0.0F;
  std::size_t a = 0;
  std::size_t b = 0;

  bool empty() const { return rank == 0; }
};

class Parameters {
 public:
  /// Needs: check_lora() passed.
  explicit Parameters(const model::LoraAdapter& adapter);

  std::size_t size() const { return values.size(); }
  int n_layers() const { return static_cast<int>(places_.size()); }
  int rank_max() const { return rank_max_; }
  /// The lowest that has a pair; n_layers() where none has.
  int first_layer() const;
  const PairPlace& place(int layer, model::LoraTarget target) const {
    return places_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(target)];
  }
  /// Values or gradients as an adapter. Needs: as many as there are.
  model::LoraAdapter shaped(std::span<const float> numbers) const;

  std::vector<float> values;
  std::vector<float> gradients;

 private:
  model::LoraAdapter shape_;  // without its numbers
  std::vector<std::array<PairPlace, model::kLoraTargets>> places_;
  int rank_max_ = 0;
};

}  // namespace plmm::train
