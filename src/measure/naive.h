// Probabilities as one would write them down at first: each text fed alone, one token at a time,
// and sums in double precision. For tests only.
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "infer/engine.h"
#include "model/tiny_run.h"

namespace plmm::measure {

/// ln p of each of `tokens` behind those before it, from `first` on.
inline std::vector<double> naive_log_probabilities(infer::Engine& engine,
                                                   std::span<const text::TokenId> tokens,
                                                   std::size_t first,
                                                   model::AppliedLora lora = {}) {
  model::TinyRun run(engine.model(), engine.pool(), engine.cache_type());
  run.use(lora);
  const auto logits = run.feed(tokens, 1);
  const std::size_t width = logits.size() / tokens.size();
  std::vector<double> out;
  for (std::size_t i = first; i < tokens.size(); ++i) {
    const auto row = std::span(logits).subspan((i - 1) * width, width);
    double sum = 0;
    for (const float x : row) sum += std::exp(static_cast<double>(x));
    out.push_back(static_cast<double>(row[static_cast<std::size_t>(tokens[i])]) - std::log(sum));
  }
  return out;
}

}  // namespace plmm::measure
