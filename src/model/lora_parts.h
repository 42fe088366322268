// What the readers of adapter files share: where a tensor belongs, and pairs put together from
// tensors that may lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/lora.h"
#include "tensor/dtype.h"

namespace plmm::model {

enum class LoraSide : std::uint8_t { a, b };

struct LoraPlace {
  int layer = 0;
  LoraTarget target = LoraTarget::query;
  LoraSide side = LoraSide::a;
};

/// Removes `prefix` from the front; false where it is not there.
bool take_prefix(std::string_view& text, std::string_view prefix);
/// Removes "12." from the front, without leading zeros and below kLayersMax.
bool take_layer(std::string_view& text, int& layer);
/// `text` where it looks like a fingerprint of ours, else nothing.
std::string kept_fingerprint(std::string_view text);

class LoraBuilder {
 public:
  /// `name` is the file's in errors.
  LoraBuilder(const ModelConfig& base, std::string name);

  /// A tensor of n_rows rows of n_columns elements. corrupt_data, unsupported; invalid_argument
  /// where the base has no such layer or shape.
  Result<> add(const LoraPlace& place, std::string_view tensor, tensor::DType type,
               std::uint64_t n_rows, std::uint64_t n_columns, std::span<const std::byte> data);
  std::unexpected<Error> unknown(std::string_view tensor) const;
  std::unexpected<Error> misshapen(std::string_view tensor) const;

  /// Every A has its B, and all fits. An empty architecture is not compared.
  Result<LoraAdapter> finish(double alpha, std::string_view architecture) &&;

 private:
  const ModelConfig* base_;
  std::string name_;
  LoraAdapter adapter_;
};

}  // namespace plmm::model
