// An adapter with seeded random A and B, and the model that it would be merged into. For tests and
// fuzzing only.
#pragma once

#include <string>

#include "model/lora.h"
#include "model/tiny_model.h"

namespace plmm::model {

/// Sizes of a model that has no weights: enough for an adapter.
inline ModelConfig tiny_lora_config() {
  ModelConfig out;
  out.architecture = "llama";
  out.n_layers = 2;
  out.n_embd = 64;
  out.n_heads = 4;
  out.n_kv_heads = 2;
  out.head_dim = 16;
  out.n_ff = 96;
  return out;
}

/// B of spread `spread`, so that the adapter changes something.
inline LoraAdapter tiny_lora(const ModelConfig& config, const LoraOptions& options,
                             float spread = 0.05F, std::uint64_t seed = 5) {
  Rng rng(seed);
  LoraAdapter out = create_lora(config, options, rng).value();
  for (LoraLayer& layer : out.layers) {
    for (LoraPair& pair : layer) {
      for (float& value : pair.b) value = static_cast<float>(rng.uniform() * 2.0 - 1.0) * spread;
    }
  }
  return out;
}

/// The tensor of a target, as GGUF names it.
inline std::string tiny_tensor_name(int layer, LoraTarget target) {
  constexpr const char* kNames[] = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                    "ffn_gate", "ffn_up", "ffn_down"};
  return "blk." + std::to_string(layer) + "." + kNames[static_cast<std::size_t>(target)] +
         ".weight";
}

/// W += scale · alpha / rank · B·A in all tensors of a model of f32 matrices.
inline void merge_into(TinyModel& model, const ModelConfig& config, const LoraAdapter& adapter,
                       float scale) {
  for (int i = 0; i < config.n_layers; ++i) {
    for (const LoraTarget target : all_lora_targets()) {
      const LoraPair& pair = adapter.pair(i, target);
      if (pair.empty()) continue;
      TinyTensor& tensor = model.tensors.at(tiny_tensor_name(i, target));
      std::vector<float> w = tensor.decoded();
      const auto n_in = static_cast<std::size_t>(pair.n_in);
      const auto rank = static_cast<std::size_t>(pair.rank);
      const int dim = config.head_dim;
      const bool moved = config.rope_pairs == RopePairs::neighbours &&
                         (target == LoraTarget::query || target == LoraTarget::key);
      for (int row = 0; row < pair.n_out; ++row) {
        const int in_head = row % dim, half = dim / 2;
        const int from = row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
        float* to = w.data() + static_cast<std::size_t>(moved ? from : row) * n_in;
        const float* b = pair.b.data() + static_cast<std::size_t>(row) * rank;
        for (std::size_t k = 0; k < n_in; ++k) {
          double sum = 0;
          for (std::size_t r = 0; r < rank; ++r) sum += double{b[r]} * pair.a[r * n_in + k];
          to[k] += static_cast<float>(sum * adapter.scaling(pair) * scale);
        }
      }
      tensor = TinyTensor::of(tensor.ne, w);
    }
  }
}

}  // namespace plmm::model
