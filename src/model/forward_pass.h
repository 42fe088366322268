// One forward pass as every thread of the team runs it: the stages of a layer with barriers between
// them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <span>

#include "model/forward.h"

namespace plmm::model {

/// Output rows of one task of a matrix product: kernel panels that share their activations.
inline constexpr int kTaskPanels = 4;
inline constexpr int kTaskRows = kTaskPanels * kernel::kPanelRows;
/// Stages of a layer that hand out tasks: q/k/v, attention, output, gate and up, down.
inline constexpr int kStagesPerLayer = 5;

class ForwardPass {
 public:
  ForwardPass(const Model& model, Workspace& workspace, ThreadPool& pool,
              std::span<const SequencePart> parts, std::span<float> logits, const Cancel& cancel);

  bool finished() const { return !stopped_.load(std::memory_order_relaxed); }

  /// Called on every thread of the pool at once.
  void run(int thread);

 private:
  /// Which matrices of a stage adapters may change.
  struct Changes {
    int layer = 0;
    std::array<LoraTarget, 3> targets{};
    int n_targets = 0;
    int width = 0;  // numbers in a row of A·x: the ranks of the widest group; 0: no changes
  };
  /// What the adapter of a group adds to a matrix; no pair: nothing.
  struct Change {
    const PackedLora::Pair* pair = nullptr;
    int column = 0;  // of its A·x in the stage's rows
  };
  /// One matrix of a stage and where its product goes.
  struct Target {
    const PackedMatrix* w;
    float* y;
    int ldy;
    kernel::Epilogue epilogue;
    const Changes* changes;
    int change;  // its place among the targets of `changes`
  };
  /// The activations of a stage: f32 rows, and the same in 8 bits where the weights are quantised.
  struct Input {
    const float* x;
    int n;  // rows
    int ldx;
    kernel::QuantizedRows quantized;
    int ld_low_rank = 0;  // of the rows of A·x
  };

  void barrier() { pool_.barrier(); }
  int next_task(int stage) {
    return ws_.counters_[static_cast<std::size_t>(stage)].fetch_add(1, std::memory_order_relaxed);
  }
  Range tokens_of(int thread) const { return split(n_, thread, pool_.size()); }
  const Workspace::Part& part_of(int row) const {
    const int part = ws_.part_of_row_[static_cast<std::size_t>(row)];
    return ws_.parts_[static_cast<std::size_t>(part)];
  }

  void lay_out(std::span<const SequencePart> parts);
  void share_out_attention();
  void embed(int thread);
  void fill_angles(Range rows);
  void layer(int index, int thread);
  void attend_block(int index, int thread);
  void feed_forward_block(int index, int thread);
  void head(int thread);
  /// The rows whose logits are wanted, one behind the other; this thread's share of them at least.
  const float* gather_logit_rows(int thread);

  /// n rows of `x`, normed where a weight is given, and in 8 bits where one of the stage's matrices
  /// needs them; A·x where there are changes. A single row is prepared by every thread for itself,
  /// more (and A·x) by all together with a barrier behind.
  Input prepare(const float* x, int n, int width, const std::vector<float>* norm,
                std::initializer_list<const PackedMatrix*> matrices, const Changes& changes,
                int thread);
  Changes changes(int index, std::initializer_list<LoraTarget> targets) const;
  Change change_of(const Workspace::Group& group, const Changes& changes, int target) const;
  /// A·x of the changes, scaled, for `rows`.
  void project(const Changes& changes, const Input& in, Range rows, int thread);
  void project_group(const Workspace::Group& group, const Changes& changes, const Input& in,
                     Range rows, int thread);
  /// target.y += B·(A·x); like multiply_panels().
  void add_change(const Target& target, const Input& in, Range panels);
  void multiply(std::span<const Target> targets, const Input& in, int stage, int thread);
  /// target.y is where the first row of the first panel goes.
  void multiply_panels(const Target& target, const Input& in, Range panels, int thread);
  void gate_and_up(const LayerWeights& weights, const Changes& changes, const Input& in, int stage,
                   int thread);
  void gate_and_up_panels(const LayerWeights& weights, const Changes& changes, const Input& in,
                          Range panels, int thread);
  void rotate_and_store(int index, const LayerWeights& weights, int thread);
  void rotate_token(int index, const LayerWeights& weights, int t);
  void attention(int index, int stage, int thread);
  void attention_rows(int index, const Workspace::Part& part, int kv_head, Range rows, int thread);
  kernel::AttentionTile attention_tile(int index, const Workspace::Part& part, int kv_head,
                                       Range rows);
  /// Attention of few tokens of one sequence: by segments of its int8 cache, so that all threads
  /// have their share of a deep one, then joined.
  bool is_by_segments() const;
  void attention_by_segments(int index, int thread);
  /// Of a row of the tile of `kv_head`, as its part of `segment`.
  float* attention_part(int kv_head, int row, int segment) const;
  /// A block's last matrix: straight into the residual stream, or to where it is normed first.
  Target block_output(const PackedMatrix& w, const Changes& changes);
  /// x += h, or x += norm(h) where the architecture norms a block's output.
  void finish_block(const std::vector<float>& post_norm, int thread);

  const Model& model_;
  const ModelConfig& c_;
  const kernel::Kernels& k_;
  Workspace& ws_;
  ThreadPool& pool_;
  int n_ = 0;                  // rows: tokens of all parts
  int n_attention_tasks_ = 0;  // in each layer
  std::span<float> logits_;
  const Cancel& cancel_;
  std::atomic<bool> stopped_{false};  // set by thread 0 before a barrier, read by all behind it
};

}  // namespace plmm::model
