// What changes while a trainer runs, and its bytes: docs/formats/train_state.md.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "train/optimizer.h"
#include "train/parameters.h"
#include "train/trainer.h"

namespace plmm::train {

/// invalid_argument, saying which, when an option is out of range. n_context: of the model.
Result<> check_options(const TrainOptions& options, int n_context);

struct TrainerState {
  TrainerState(const model::LoraAdapter& adapter, const TrainOptions& wanted);

  std::vector<std::byte> save() const;
  /// Errors as Trainer::restore(); n_tokens_max stays as it is.
  Result<> restore(std::span<const std::byte> state);

  TrainOptions options;
  Parameters parameters;
  Moments moments;
  int n_steps_done = 0;

 private:
  /// The bytes from the magic to the shapes of the pairs.
  std::vector<std::byte> header() const;
};

}  // namespace plmm::train
