// AdamW with a warm-up and a cosine, and clipping by the norm of all gradients.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "train/trainer.h"

namespace plmm::train {

/// The rate of step `step`, counted from 0: rising to the highest over n_warm_up steps, then a
/// cosine down to its end at n_steps.
double learning_rate(const TrainOptions& options, int step);

/// The root of the sum of squares, summed in double in blocks of a fixed size.
double norm_of(std::span<const float> values, ThreadPool& pool);

struct Moments {
  std::vector<float> mean;
  std::vector<float> square;
};

/// One step on `values`, with gradients taken times `factor`; step is counted from 1.
/// Source: Loshchilov & Hutter 2019, algorithm 2; the order of operations is torch's.
void adam_step(std::span<float> values, std::span<const float> gradients, Moments& moments,
               const TrainOptions& options, double rate, float factor, int step, ThreadPool& pool);

}  // namespace plmm::train
