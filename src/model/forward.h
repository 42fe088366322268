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

/// What a pass computes of one sequence: `tokens` at positions position, position + 1, …; the cache
/// holds all positions before.
struct SequencePart {
  KvCache& cache;
  std::span<const text::TokenId> tokens;  // at least 1
  int position = 0;
  int n_logits = 0;  // of the last so many tokens
  AppliedLora lora = {};
};

/// Memory of a forward pass of up to n_tokens_max tokens, of all its sequences together, with
/// caches of up to n_context positions; reused from call to call.
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

  /// A part of the pass in its rows, and its share of attention's tasks (the same in each layer).
  struct Part {
    KvCache* cache;
    int row;            // the first
    int n;              // rows
    int position;       // of the first
    int task = 0;       // the first
    int n_queries = 0;  // rows of a task: pairs of token and query head
  };
  /// Rows in turn, of one part or more, that one adapter changes.
  struct Group {
    int begin;
    int end;
    AppliedLora lora;
  };

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
  float* attention_parts_ = nullptr;  // [n_kv_heads][rows of a tile][segments][part_floats], int8
  std::vector<float*> thread_up_;     // [n_tokens][rows of a task]
  std::vector<std::atomic<int>> counters_;  // next task of each stage
  std::vector<Part> parts_;                 // of this pass; room for n_tokens_max
  std::vector<Group> groups_;               // the same
  std::vector<int> part_of_row_;            // [n_tokens]
  std::vector<text::TokenId> tokens_;       // [n_tokens]
  std::vector<int> logit_rows_;             // whose logits are wanted
};

/// Computes parts of sequences that know nothing of each other, in one pass: weights are read once
/// for all.
///   logits [Σ n_logits][n_vocabulary]: in the order of the parts, of the last tokens of each
/// An adapter must be one that was packed for this model. Parts with the same adapter and scale are
/// best in turn, and the part with the most positions last.
/// Needs: no cache twice; at least one part; tokens of all ≤ workspace.n_tokens_max(); position +
/// tokens.size() ≤ cache.n_context() ≤ the workspace's; ids < n_vocabulary. Cancel is polled once a
/// layer; returns whether the pass was finished (if not, its positions are in no cache). A sequence
/// has the same bits however it is cut into passes, whatever else is in them, for any number of
/// threads and on every kernel tier.
bool forward(const Model& model, Workspace& workspace, ThreadPool& pool,
             std::span<const SequencePart> parts, std::span<float> logits, const Cancel& cancel);

/// The same for a pass of one sequence.
bool forward(const Model& model, KvCache& cache, Workspace& workspace, ThreadPool& pool,
             std::span<const text::TokenId> tokens, int position, int n_logits,
             std::span<float> logits, const Cancel& cancel, AppliedLora lora = {});

}  // namespace plmm::model
