// Learns an adapter from a person's own words and tests it, all in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "learn/material.h"
#include "learn/verdict.h"
#include "model/lora.h"

namespace plmm::learn {

struct LearnOptions {
  double seconds_max = 300;  // for all of it; at least one step is made
  int n_steps = 0;           // as many, whatever the time; 0: as many as there is time for
  std::uint64_t seed = 0;
};

enum class Stage : std::uint8_t { measuring, training, testing };

/// How far a stage is: tokens read, or steps.
struct LearnProgress {
  Stage stage = Stage::measuring;
  std::size_t n_done = 0;
  std::size_t n_total = 0;
  double loss = 0;  // of the last step
};

struct Learnt {
  model::LoraAdapter adapter;  // as strong as it was tested
  Verdict verdict = Verdict::not_better;
  Figures figures;
  double strength = 1;  // share of what was trained
  int n_steps = 0;
  double seconds = 0;
};

/// The model's own perplexity on what was held back and on general text, then AdamW on a LoRA, then
/// both again. Where general text gets worse, the adapter is made weaker before it is tested, by
/// other general text than that. Nothing is written anywhere. `on_progress` may take its time, to
/// let others have the machine: that is not counted.
/// unsupported where the model has no known chat template; invalid_argument where the material does
/// not suffice; cancelled; errors of the trainer.
Result<Learnt> learn(infer::Engine& engine, const Material& material, const LearnOptions& options,
                     const std::function<void(const LearnProgress&)>& on_progress,
                     const Cancel& cancel);

}  // namespace plmm::learn
