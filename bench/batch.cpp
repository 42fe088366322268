// Sixteen askers and one, as a server has them: with sampler and text.
#include "bench/batch.h"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "base/rng.h"
#include "infer/batch.h"

namespace plmm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMany = 16;
constexpr int kPasses = 32;  // of each repetition; a token of every sequence each
constexpr int kRepetitions = 3;
constexpr double kRatioMin = 4.0;
constexpr std::string_view kRatioModel = "qwen2.5-coder-0.5b";

/// Seconds in which n sequences get kPasses tokens each. Prompts have one token, so that a sequence
/// that ends early can be followed by another in the same pass, at the same price.
Result<double> seconds_of(infer::Engine& engine, int n) {
  const auto batch = TRY(infer::Batch::create(engine, {.n_sequences_max = n, .n_context = 128}));
  const auto n_vocabulary = engine.tokenizer().size();
  Rng rng(1);
  const auto ask = [&]() -> Result<> {
    infer::BatchRequest request;
    request.prompt = {static_cast<text::TokenId>(rng.below(n_vocabulary))};
    request.options.n_tokens_max = kPasses;
    return batch->add(std::move(request));
  };
  const Cancel never;
  const auto start = Clock::now();
  for (int i = 0; i < kPasses; ++i) {
    while (batch->n_running() + batch->n_waiting() < n) TRY(ask());
    batch->step(never);
  }
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Result<> measure_batch(const Options& options, infer::Engine& engine, const ModelFile& file,
                       Report& report) {
  std::vector<double> one, many;
  for (int turn = -1; turn < kRepetitions; ++turn) {
    TRY(go_on(options));
    const double alone = TRY(seconds_of(engine, 1));
    const double together = TRY(seconds_of(engine, kMany));
    if (turn < 0) continue;  // warmed up
    one.push_back(kPasses / alone);
    many.push_back(kPasses * kMany / together);
  }
  Metric metric;
  metric.name = fmt::format("batch{}/{}", kMany, file.name);
  metric.value = median(many) / median(one);
  metric.unit = std::string("x");
  metric.note = fmt::format("{:.1f} tok/s in all, one sequence {:.1f}", median(many), median(one));
  if (file.name == kRatioModel) metric.goal = Goal{GoalKind::value_at_least, kRatioMin, {}};
  report.add(metric);
  return {};
}

}  // namespace plmm::bench
