// BERT encoders for sentence embeddings: sizes and packed weights, made from one safetensors file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "gguf/safetensors.h"
#include "kernel/dispatch.h"
#include "kernel/packed_matrix.h"

namespace plmm::model {

/// All but n_heads, which the file does not say, is read off the shapes of the tensors.
struct BertConfig {
  int n_layers = 0;
  int n_embd = 0;  // a multiple of 32
  int n_heads = 0;
  int n_ff = 0;  // a multiple of 32
  int n_vocabulary = 0;
  int n_positions = 0;
  float norm_epsilon = 1e-12F;  // of every BERT; the file does not say it either

  int head_dim() const { return n_embd / n_heads; }  // a multiple of 16
};

/// int8: weights and activations in 8 bits, a scale per 32. f16: rounded weights, f32 arithmetic.
/// f32: as the file has them.
enum class BertPrecision : std::uint8_t { int8, f16, f32 };

/// y = W·x + bias.
struct BertLinear {
  kernel::PackedMatrix weight;
  std::vector<float> bias;
};
struct BertNorm {
  std::vector<float> weight, bias;
};
struct BertLayer {
  BertLinear query, key, value, output, up, down;
  BertNorm attention_norm, feed_forward_norm;
};

/// Immutable after load.
class Bert {
 public:
  /// corrupt_data or unsupported for tensors that are missing or disagree, and for weights that are
  /// no numbers; limit_exceeded; io without memory. A pooler is not used, as sentence embeddings do
  /// not.
  static Result<std::unique_ptr<Bert>> load(gguf::SafetensorsReader file, int n_heads,
                                            BertPrecision precision, const kernel::Kernels& kernels,
                                            ThreadPool& pool);

  const BertConfig& config() const { return config_; }
  const kernel::Kernels& kernels() const { return *kernels_; }
  std::span<const BertLayer> layers() const { return layers_; }
  /// x [n_embd] = word + position + first type of segment, before the norm.
  void embed_token(int token, int position, std::span<float> x) const;
  const BertNorm& embedding_norm() const { return embedding_norm_; }
  std::uint64_t packed_bytes() const;

 private:
  explicit Bert(gguf::SafetensorsReader file) : file_(std::move(file)) {}

  gguf::SafetensorsReader file_;  // word embeddings are rows of it
  BertConfig config_;
  const kernel::Kernels* kernels_ = nullptr;
  const gguf::Safetensor* words_ = nullptr;
  std::vector<float> positions_;  // [n_positions][n_embd], with the type added
  BertNorm embedding_norm_;
  std::vector<BertLayer> layers_;
};

/// Memory of one thread for passes of up to n_tokens_max tokens.
class BertWorkspace {
 public:
  /// io when it cannot be had.
  static Result<BertWorkspace> create(const BertConfig& config, int n_tokens_max);
  int n_tokens_max() const { return n_tokens_max_; }

 private:
  friend class BertPass;
  BertWorkspace() = default;

  int n_tokens_max_ = 0;
  int ld_scores_ = 0;
  std::unique_ptr<std::byte, void (*)(void*)> memory_{nullptr, nullptr};
  float* x_ = nullptr;              // [n_tokens][n_embd]
  float* q_ = nullptr;              // [n_tokens][n_embd] queries, then attention's output
  float* k_ = nullptr;              // [n_tokens][n_embd]
  float* v_ = nullptr;              // [n_tokens][n_embd]
  float* ff_ = nullptr;             // [n_tokens][n_ff]
  float* head_keys_ = nullptr;      // of one head of one text, as the attention kernel wants them
  float* head_values_ = nullptr;    //
  float* scores_ = nullptr;         // [kQueryTile][ld_scores]
  std::byte* quantized_ = nullptr;  // 8-bit rows of the widest input
  std::byte* scratch_ = nullptr;    // matmul
};

/// The tokens of some texts, end to end.
struct BertBatch {
  std::span<const std::int32_t> tokens;  // ids < n_vocabulary
  std::span<const int> lengths;          // of each text: 1 … n_positions; their sum is all tokens
};

/// out [n_texts][n_embd]: the mean of the last layer over a text's tokens, scaled to length 1.
/// Needs: batch.tokens.size() ≤ workspace.n_tokens_max(). Runs on the calling thread. The same bits
/// whatever other texts are in the batch, and on every kernel tier.
/// Source: Devlin et al. 2019; Reimers & Gurevych 2019 (mean pooling).
void bert_embed(const Bert& bert, BertWorkspace& workspace, const BertBatch& batch,
                std::span<float> out);

}  // namespace plmm::model
