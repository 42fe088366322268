// One training run from its first step to its last: order of the data, validation, early stop, and
// a checkpoint from which it goes on to the same bits.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "train/data.h"
#include "train/trainer.h"

namespace plmm::train {

struct RunOptions {
  int n_batch = 4;           // sequences of a step
  int n_evaluate_every = 1;  // steps between looks at what was kept apart
  int n_patience = 3;        // looks without a better loss that end the run; 0: never
  std::filesystem::path checkpoint;
  /// All that the result depends on, as text: a checkpoint of another recipe is not gone on with.
  std::string recipe;
};

struct Validation {
  int step = 0;  // steps done before it
  double loss = 0;
  bool operator==(const Validation&) const = default;
};

struct RunLog {
  std::vector<double> losses;  // of each step's batch
  std::vector<Validation> validations;
  /// The best of them, the first where equal; the model alone (step 0) where there is none.
  Validation best() const;
};

struct RunEvents {
  std::function<void(const StepReport&, const RunLog&)> on_step;
  std::function<void(const RunLog&)> on_validation;
  /// Asked after every step: whether a checkpoint is to be written now.
  std::function<bool(int step)> checkpoint_due;
};

class Run {
 public:
  /// `data` outlives the run; it needs at least one training sequence.
  Run(Trainer trainer, const TrainingData& data, RunOptions options);

  /// Goes on where the checkpoint stands. not_found without one; corrupt_data for a damaged one;
  /// invalid_argument for one of another recipe.
  Result<> resume();
  /// To the last step, or until validation no longer gets better. cancelled: a checkpoint is
  /// written first. Other errors leave the last checkpoint as it is.
  Result<> go(const RunEvents& events, const Cancel& cancel);

  const RunLog& log() const { return log_; }
  int n_steps_done() const { return trainer_.n_steps_done(); }
  /// As it was at the best validation; at the end where nothing was kept apart.
  model::LoraAdapter best() const;

 private:
  bool evaluation_due() const;
  bool is_finished() const;
  Result<> evaluate(const RunEvents& events, const Cancel& cancel);
  Result<> step(const RunEvents& events, const Cancel& cancel);
  std::vector<Sequence> next_batch();
  Result<> save() const;

  Trainer trainer_;
  const TrainingData* data_;
  RunOptions options_;
  RunLog log_;
  std::vector<float> best_;  // A and B of all pairs in turn; empty: as the trainer has them
  std::vector<std::size_t> order_;
  std::uint64_t order_epoch_ = 0;
};

}  // namespace plmm::train
