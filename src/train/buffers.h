// The memory of one sequence in training, allocated once for the longest.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/model.h"
#include "train/parameters.h"
#include "train/rows.h"

namespace plmm::train {

/// Tokens of a query tile in the backward pass of attention.
inline constexpr int kBackwardTile = 32;
/// Rows of the vocabulary whose logits exist at once.
inline constexpr int kHeadRows = 2048;
/// The distance of their rows.
inline constexpr int kHeadRowsApart = static_cast<int>(row_distance(kHeadRows));
/// The same where only their sums are wanted, for each thread.
inline constexpr int kHeadRowsOfThread = 256;

/// Of the layer that is being computed, but for `inputs`. Gradients of x stand in d_x.
struct Buffers {
  /// io, with the bytes asked for, when they cannot be had.
  static Result<std::unique_ptr<Buffers>> create(const model::Model& model,
                                                 const Parameters& parameters, int n_tokens_max,
                                                 int n_threads);

  std::unique_ptr<std::byte, void (*)(void*)> memory{nullptr, nullptr};
  std::size_t bytes = 0;

  std::vector<Rows> inputs;          // [n_layers + 1][n_tokens][n_embd]: of each layer, and the end
  Rows attention_normed, ff_normed;  // [n_embd]
  Rows q, q_raw, o;                  // [q_dim]; raw: before the head norms, where there are any
  Rows k, k_raw, v;                  // [kv_dim]
  Rows attention_out, middle;        // [n_embd]: before its norm; the residual between the blocks
  Rows gate, up, ff, ff_out;         // [n_ff] ×3; ff_out [n_embd] before its norm
  Rows d_x, d_normed, d_block;       // [n_embd]
  Rows d_q, d_o, d_k, d_v;           // [q_dim] ×2, [kv_dim] ×2
  Rows d_ff;                         // [n_ff]

  float* low[model::kLoraTargets] = {};  // [n_tokens][rank]: scaling · A·x of each target
  float* d_low[3] = {};                  // [n_tokens][rank], of up to three targets that share x
  float* turned[3] = {};                 // a pair's A or B turned
  std::byte* quantized = nullptr;
  float* angles = nullptr;    // [2 kinds][2: cosines, sines][n_tokens][head_dim / 2]
  std::byte* keys = nullptr;  // [n_kv_heads] as kernel::AttentionTile wants them
  std::byte* values = nullptr;
  std::size_t cache_head_bytes = 0;
  int n_positions = 0;           // n_tokens rounded up to a block of keys
  float* keys_turned = nullptr;  // [n_kv_heads][head_dim][n_positions]
  float* values_turned = nullptr;
  float* d_keys = nullptr;  // [n_heads][n_positions][head_dim]
  float* d_values = nullptr;
  float* logits = nullptr;         // [n_tokens][kHeadRowsApart]
  float* chunk_maximum = nullptr;  // [vocabulary / kHeadRowsOfThread][n_tokens]
  float* chunk_sum = nullptr;
  std::vector<std::byte*> scratch;       // matmul, one for each thread
  std::vector<float*> scores, d_scores;  // [kBackwardTile][n_positions], one for each thread
  std::vector<float*> thread_logits;     // [n_tokens][kHeadRowsOfThread]
};

}  // namespace plmm::train
