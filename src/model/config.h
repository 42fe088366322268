// What a transformer of our families looks like: sizes and the switches that differ between
// architectures.
#pragma once

#include <cstdint>
#include <string>

namespace plmm::model {

enum class Activation : std::uint8_t { silu, gelu };

/// Which elements of a head a rotation pairs in the file's weights: (i, i + d/2), or (2i, 2i + 1).
enum class RopePairs : std::uint8_t { halves, neighbours };

/// Limits on what a file may claim; far above any model that fits a device.
inline constexpr std::uint64_t kLayersMax = 512;
inline constexpr std::uint64_t kEmbeddingMax = 1 << 16;
inline constexpr std::uint64_t kHeadsMax = 1024;
inline constexpr std::uint64_t kHeadDimMax = 512;
inline constexpr std::uint64_t kFeedForwardMax = 1 << 20;
inline constexpr std::uint64_t kVocabularyMax = 1 << 22;
inline constexpr std::uint64_t kContextMax = 1 << 24;

struct ModelConfig {
  std::string architecture;  // "llama", "qwen2", …
  int n_layers = 0;
  int n_embd = 0;      // width of the residual stream
  int n_heads = 0;     // of queries
  int n_kv_heads = 0;  // of keys and values; divides n_heads
  int head_dim = 0;    // a multiple of 16
  int n_ff = 0;        // width of the feed-forward
  int n_vocabulary = 0;
  int n_context = 0;  // positions it was trained for
  float norm_epsilon = 1e-5F;
  float rope_theta = 10000.0F;
  float rope_theta_local = 0.0F;  // of sliding-window layers
  float rope_scale = 1.0F;        // positions are divided by it (linear scaling)
  RopePairs rope_pairs = RopePairs::halves;
  int sliding_window =
      0;  // positions a local layer sees, its own included; 0: all layers see everything
  int global_every = 1;  // layer i is global when (i + 1) % global_every == 0
  float embedding_scale = 1.0F;
  Activation activation = Activation::silu;
  bool qkv_bias = false;
  bool qk_norm = false;     // RMS norm of each query and key head before the rotation
  bool post_norms = false;  // RMS norm of each block's output before it joins the residual

  bool is_local(int layer) const { return sliding_window > 0 && (layer + 1) % global_every != 0; }
  int q_dim() const { return n_heads * head_dim; }
  int kv_dim() const { return n_kv_heads * head_dim; }
};

}  // namespace plmm::model
