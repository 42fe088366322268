// One recipe for all that is learnt.
#include "learn/recipe.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/rng.h"
#include "model/lora.h"
#include "model/model.h"

namespace plmm::learn {
namespace {

constexpr int kRank = 8;
constexpr float kAlpha = 16.0F;
constexpr std::array kTargets{model::LoraTarget::query, model::LoraTarget::key,
                              model::LoraTarget::value, model::LoraTarget::output};
constexpr int kWarmUpMax = 10;  // steps, and no more than a tenth of them

}  // namespace

Result<train::Trainer> new_trainer(infer::Engine& engine, const Recipe& recipe, int n_steps) {
  Rng rng(recipe.seed);
  const model::LoraOptions lora{
      kRank, kAlpha, {kTargets.begin(), kTargets.end()}, recipe.first_layer};
  auto adapter = TRY(model::create_lora(engine.model().config(), lora, rng));
  train::TrainOptions options;
  options.learning_rate = recipe.learning_rate;
  options.n_steps = n_steps;
  options.n_warm_up = std::min(kWarmUpMax, n_steps / kWarmUpMax);
  options.n_tokens_max = recipe.n_tokens_max;
  options.seed = recipe.seed;
  return train::Trainer::create(engine.model(), engine.pool(), std::move(adapter), options);
}

Result<double> seconds_of_step(infer::Engine& engine, const Recipe& recipe,
                               std::span<const train::Sequence> batch, const Cancel& cancel) {
  auto rehearsal = TRY(new_trainer(engine, recipe, 1));
  const auto start = std::chrono::steady_clock::now();
  TRY(rehearsal.gradients(batch, cancel));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace plmm::learn
