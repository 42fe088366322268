// Trains a LoRA adapter on the packed weights of a model: AdamW on A and B, the model untouched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/lora.h"
#include "model/model.h"
#include "train/sequence.h"

namespace plmm::train {

struct TrainOptions {
  double learning_rate = 2e-4;     // the highest, behind the warm-up
  double learning_rate_end = 0.1;  // share of it that the cosine ends at
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  // decoupled, as in AdamW
  double clip = 1.0;          // of the gradient's norm over all pairs; 0: none
  int n_warm_up = 0;          // steps on which the rate rises in a straight line
  int n_steps = 1000;         // where the cosine ends; later steps keep the last rate
  int n_tokens_max = 512;     // of a sequence; buffers are as large
  std::uint64_t seed = 0;     // kept in the state, for the caller's order of the data
};

struct StepReport {
  int step = 0;              // counted from 1
  double loss = 0;           // mean of the batch, weighted, in nats, before the step
  double gradient_norm = 0;  // before clipping
  double learning_rate = 0;
  int n_tokens = 0;      // fed
  int n_supervised = 0;  // with a weight above 0
};

/// Same seed and batches: the same bits for any number of threads and on every kernel tier.
/// One caller at a time; uses the pool inside each call.
class Trainer {
 public:
  /// The model and the pool must outlive it. invalid_argument for an adapter that does not fit, an
  /// option out of range or a context longer than the model's; io when memory cannot be had.
  static Result<Trainer> create(const model::Model& model, ThreadPool& pool,
                                model::LoraAdapter adapter, const TrainOptions& options);
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  /// One step on the mean loss of all sequences together. invalid_argument for a sequence that is
  /// empty, too long or not well formed, or a batch without weight; corrupt_data when loss or
  /// gradient is not a number; cancelled. On an error the adapter is as it was before.
  Result<StepReport> step(std::span<const Sequence> batch, const Cancel& cancel = Cancel());
  /// The mean loss, weighted, with the adapter as it is now. Errors as step().
  Result<double> evaluate(std::span<const Sequence> batch, const Cancel& cancel = Cancel());
  /// The gradients that a step would begin with, in the adapter's own shape. Errors as step().
  Result<model::LoraAdapter> gradients(std::span<const Sequence> batch,
                                       const Cancel& cancel = Cancel());

  int n_steps_done() const;
  const TrainOptions& options() const;
  /// A copy of the adapter as it is now.
  model::LoraAdapter adapter() const;

  /// Everything an exact resume needs: adapter, moments, steps done and options
  /// (docs/formats/train_state.md). restore() takes it into a trainer of the same model and
  /// shapes: corrupt_data for damaged bytes, invalid_argument for another adapter's; then nothing
  /// has changed.
  std::vector<std::byte> save() const;
  Result<> restore(std::span<const std::byte> state);

 private:
  struct Impl;
  explicit Trainer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plmm::train
