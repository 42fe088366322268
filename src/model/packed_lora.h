// An adapter as the forward pass uses it: packed beside the weights, which stay as they are.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "kernel/packed_matrix.h"
#include "model/lora.h"

namespace plmm::model {

class Model;

/// Immutable; any number of sessions may share one. Numbers are stored as f16, or as f32 beside an
/// exact model.
class PackedLora {
 public:
  struct Pair {
    kernel::PackedMatrix a;  // [rank, n_in]
    kernel::PackedMatrix b;  // [n_out, rank]
    float scaling = 0.0F;
    bool empty() const { return a.data == nullptr; }
  };

  /// Errors as check_lora(); io without memory.
  static Result<std::shared_ptr<const PackedLora>> pack(const LoraAdapter& adapter,
                                                        const Model& model);

  const Pair& pair(int layer, LoraTarget target) const {
    return layers_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(target)];
  }
  std::uint64_t bytes() const;

 private:
  PackedLora() = default;
  std::vector<std::array<Pair, kLoraTargets>> layers_;
};

/// Which adapter a pass uses, and how strongly: 0 is the model alone, 1 the adapter as it was
/// trained.
struct AppliedLora {
  const PackedLora* adapter = nullptr;
  float scale = 1.0F;
  bool operator==(const AppliedLora&) const = default;
};

}  // namespace plmm::model
