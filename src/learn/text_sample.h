// Texts that an adapter is tested by, and how strong one may be for the general ones.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "measure/perplexity.h"
#include "model/lora.h"
#include "model/packed_lora.h"
#include "train/sequence.h"

namespace plmm::learn {

using PackedAdapter = std::shared_ptr<const model::PackedLora>;  // null: the model alone

/// Sequences to measure on, and to which unit each belongs: units are drawn together.
struct TextSample {
  std::vector<train::Sequence> sequences;
  std::vector<std::size_t> units;

  std::size_t n_tokens() const;
};

/// One stretch for each unit that has something to predict, in their order. Errors of
/// measure::predict(). `on_done(n)` counts tokens fed.
Result<std::vector<measure::Stretch>> predict(infer::Engine& engine, const TextSample& sample,
                                              const PackedAdapter& adapter, const Cancel& cancel,
                                              const std::function<void(std::size_t)>& on_done);

double perplexity_of(std::span<const measure::Stretch> stretches);

/// general_text.h as the model sees it: one half sets the strength of an adapter, the other tests.
struct GeneralSamples {
  TextSample tuning;
  TextSample test;
};
/// unsupported where the model has no known chat template.
Result<GeneralSamples> general_samples(const infer::Engine& engine);

struct Weakened {
  PackedAdapter packed;
  double strength = 1;  // share of its alpha that `adapter` has left
};
/// The strongest of a few that leaves general text as it was, or the weakest.
///   before: perplexity of `tuning` without the adapter · on_done(n): tokens of the strength tried
Result<Weakened> weaken(infer::Engine& engine, model::LoraAdapter& adapter,
                        const TextSample& tuning, double before, const Cancel& cancel,
                        const std::function<void(std::size_t)>& on_done);

}  // namespace plmm::learn
