// How an adapter is trained on this device, whatever it learns.
#pragma once

#include <cstdint>
#include <span>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "train/sequence.h"
#include "train/trainer.h"

namespace plmm::learn {

/// A LoRA of rank 8 on the matrices of attention, which keeps it at some 2 MB for a model of 0.5B;
/// AdamW with a short warm-up and a cosine.
struct Recipe {
  double learning_rate = 1e-3;
  int first_layer = 0;     // those below are left alone
  int n_tokens_max = 512;  // of a sequence
  std::uint64_t seed = 0;
};

/// Errors of Trainer::create().
Result<train::Trainer> new_trainer(infer::Engine& engine, const Recipe& recipe, int n_steps);

/// What a step on such a batch takes here: one is tried, and nothing of it stays.
Result<double> seconds_of_step(infer::Engine& engine, const Recipe& recipe,
                               std::span<const train::Sequence> batch, const Cancel& cancel);

}  // namespace plmm::learn
