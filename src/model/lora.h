// Low-rank adapters: what a LoRA adapter is, which matrices it may change, and a fresh one to
// train.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "model/config.h"

namespace plmm::model {

/// The matrices of a layer that an adapter may change.
enum class LoraTarget : std::uint8_t { query, key, value, output, gate, up, down };
inline constexpr int kLoraTargets = 7;
/// All of them, in the order of the enumeration.
std::span<const LoraTarget> all_lora_targets();
/// "query", "key" …, as settings and reports name them.
std::string_view target_name(LoraTarget target);

/// What an adapter may claim. Beyond a rank of 256 it is no longer small beside the model.
inline constexpr int kLoraRankMax = 256;
inline constexpr float kLoraAlphaMax = 65'536.0F;

/// Sizes of the matrix W [n_out, n_in] that a target names.
struct LoraShape {
  int n_in = 0;
  int n_out = 0;
  bool operator==(const LoraShape&) const = default;
};
LoraShape lora_shape(const ModelConfig& config, LoraTarget target);

/// The change of one matrix: y += (alpha / rank) · B·(A·x), x being the f32 input of the matrix.
/// Rows of B for query and key are in the order of the packed weights: the rotated pairs of a head
/// are (i, i + d/2).
struct LoraPair {
  int rank = 0;  // 0: the matrix is not changed
  int n_in = 0;
  int n_out = 0;
  std::vector<float> a;  // [rank][n_in]
  std::vector<float> b;  // [n_out][rank]

  bool empty() const { return rank == 0; }
  bool operator==(const LoraPair&) const = default;
};

using LoraLayer = std::array<LoraPair, kLoraTargets>;  // by LoraTarget

struct LoraAdapter {
  int rank = 0;  // the largest of its pairs
  float alpha = 0.0F;
  std::vector<LoraLayer> layers;
  std::string architecture;      // of the base: "llama", "qwen2" …
  std::string base_fingerprint;  // of the base's file (model/lora_file.h), or empty

  const LoraPair& pair(int layer, LoraTarget target) const {
    return layers[static_cast<std::size_t>(layer)][static_cast<std::size_t>(target)];
  }
  LoraPair& pair(int layer, LoraTarget target) {
    return layers[static_cast<std::size_t>(layer)][static_cast<std::size_t>(target)];
  }
  /// What B·(A·x) of a pair is multiplied with. Needs: the pair is not empty.
  float scaling(const LoraPair& pair) const { return alpha / static_cast<float>(pair.rank); }
  std::uint64_t n_parameters() const;
};

struct LoraOptions {
  int rank = 16;
  float alpha = 32.0F;
  std::vector<LoraTarget> targets{all_lora_targets().begin(), all_lora_targets().end()};
  int first_layer = 0;  // layers below are not changed, and cost training no backward pass
};

/// An adapter that changes nothing yet: A uniform in ±1/sqrt(n_in), B zero, as PEFT starts.
/// invalid_argument for a rank outside 1 … kLoraRankMax or beyond what a target's matrix has, for
/// an alpha outside (0, kLoraAlphaMax], without targets, and for a first layer that is none.
/// Source: Hu et al. 2021, §4.1.
Result<LoraAdapter> create_lora(const ModelConfig& config, const LoraOptions& options, Rng& rng);

/// Whether an adapter, however it came, fits a model: layers, shapes, ranks, and numbers that are
/// numbers. invalid_argument, naming layer and matrix.
Result<> check_lora(const LoraAdapter& adapter, const ModelConfig& config);

}  // namespace plmm::model
