// The forward pass: tokens in, logits out, keys and values into the cache.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "kernel/packed_matrix.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "text/tokenizer.h"

namespace plmm::model {

/// Memory of a forward pass of up to n_tokens_max tokens; reused from call to call.
class Workspace {
 public:
  /// io when it cannot be had.
  static Result<std::unique_ptr<Workspace>> create(const Model& model, int n_tokens_max,
                                                   int n_context, int n_threads);

  int n_tokens_max() const { return n_tokens_max_; }
  /// Every stage starts at its first task again; between two passes only.
  void reset_counters() {
    for (auto& counter : counters_) counter.store(0, std::memory_order_relaxed);
  }

 private:
  friend class ForwardPass;
  Workspace() = default;

  int n_tokens_max_ = 0;
  int ld_scores_ = 0;
  std::unique_ptr<std::byte, void (*)(void*)> memory_{nullptr, nullptr};
  float* x_ = nullptr;         // [n_tokens][n_embd] residual stream
  float* h_ = nullptr;         // [n_tokens][n_embd] normed, or a block's output before its norm
  float* q_ = nullptr;         // [n_tokens][q_dim] queries, then attention's output
  float* k_ = nullptr;         // [n_tokens][kv_dim]
  float* v_ = nullptr;         // [n_tokens][kv_dim]
  float* ff_ = nullptr;        // [n_tokens][n_ff]
  float* low_rank_ = nullptr;  // [n_tokens][ranks of a stage's pairs] A·x of an adapter
  float* angles_ = nullptr;    // [2 kinds][2: cosines, sines][n_tokens][head_dim / 2]
  std::byte* quantized_ = nullptr;            // 8-bit rows of the widest input, shared by the team
  std::vector<std::byte*> thread_quantized_;  // one row each, for a single token
  std::vector<std::byte*> thread_scratch_;    // matmul
  std::vector<float*> thread_scores_;         // attention [kQueryTile][ld_scores]
  std::vector<float*> thread_up_;             // [n_tokens][rows of a task]
  std::vector<std::atomic<int>> counters_;    // next task of each stage
};

/// Feeds `tokens` at positions position, position + 1, …; the cache must hold all positions before.
///   logits [n_logits][n_vocabulary]: of the last n_logits tokens (0: none)
/// An adapter must be one that was packed for this model.
/// Needs: 1 ≤ tokens.size() ≤ workspace.n_tokens_max(); position + tokens.size() ≤
/// cache.n_context(); ids < n_vocabulary. Cancel is polled once a layer; returns whether the pass
/// was finished (if not, the positions are not in the cache). The same bits however a sequence is
/// cut into calls, for any number of threads and on every kernel tier.
bool forward(const Model& model, KvCache& cache, Workspace& workspace, ThreadPool& pool,
             std::span<const text::TokenId> tokens, int position, int n_logits,
             std::span<float> logits, const Cancel& cancel, AppliedLora lora = {});

}  // namespace plmm::model
