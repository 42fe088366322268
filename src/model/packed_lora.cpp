// Packing of adapters.
#include "model/packed_lora.h"

#include <span>
#include <string>

#include "model/model.h"
#include "tensor/blocks.h"

namespace plmm::model {
namespace {

Result<kernel::PackedMatrix> pack_matrix(std::span<const float> values, int n_in, int n_out,
                                         bool exact) {
  std::vector<std::uint16_t> halves;
  kernel::StoredMatrix stored{tensor::DType::f32, n_in, n_out, std::as_bytes(values)};
  if (!exact) {
    halves.reserve(values.size());
    for (const float value : values) halves.push_back(tensor::f32_to_f16(value));
    stored.type = tensor::DType::f16;
    stored.data = std::as_bytes(std::span(halves));
  }
  auto out = kernel::allocate_packed(stored, exact);
  if (out.data == nullptr) {
    return fail(ErrorCode::io, "no memory for " + std::to_string(out.bytes()) +
                                   " bytes of an adapter; end other programs");
  }
  kernel::pack_panels(stored, {}, 0, out.n_panels(), out);
  return out;
}

}  // namespace

Result<std::shared_ptr<const PackedLora>> PackedLora::pack(const LoraAdapter& adapter,
                                                           const Model& model) {
  TRY(check_lora(adapter, model.config()));
  PackedLora out;
  out.layers_.resize(adapter.layers.size());
  for (std::size_t i = 0; i < adapter.layers.size(); ++i) {
    for (std::size_t target = 0; target < kLoraTargets; ++target) {
      const LoraPair& from = adapter.layers[i][target];
      if (from.empty()) continue;
      Pair& to = out.layers_[i][target];
      to.a = TRY(pack_matrix(from.a, from.n_in, from.rank, model.exact()));
      to.b = TRY(pack_matrix(from.b, from.rank, from.n_out, model.exact()));
      to.scaling = adapter.scaling(from);
    }
  }
  return std::make_shared<const PackedLora>(std::move(out));
}

std::uint64_t PackedLora::bytes() const {
  std::uint64_t out = 0;
  for (const auto& layer : layers_) {
    for (const Pair& pair : layer) out += pair.empty() ? 0 : pair.a.bytes() + pair.b.bytes();
  }
  return out;
}

}  // namespace plmm::model
