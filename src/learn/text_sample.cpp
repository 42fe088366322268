// Perplexity by unit, and less of an adapter where general text gets worse.
#include "learn/text_sample.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "learn/general_text.h"
#include "model/model.h"

namespace plmm::learn {
namespace {

using measure::Stretch;

constexpr int kWindow = 1'024;  // tokens that see each other
constexpr std::array kStrengths{1.0, 0.7, 0.5, 0.35, 0.25};
// Less than is allowed: the texts that it is tested by may differ.
constexpr double kTunedRatioMax = 1.01;

}  // namespace

std::size_t TextSample::n_tokens() const {
  std::size_t out = 0;
  for (const train::Sequence& sequence : sequences) out += sequence.tokens.size();
  return out;
}

Result<std::vector<Stretch>> predict(infer::Engine& engine, const TextSample& sample,
                                     const PackedAdapter& adapter, const Cancel& cancel,
                                     const std::function<void(std::size_t)>& on_done) {
  const int n_context = engine.model().config().n_context;
  const measure::WindowOptions windows{std::min(kWindow, n_context),
                                       std::min(kWindow, n_context) / 2};
  const auto scorer = TRY(measure::Scorer::create({&engine, adapter, 1.0F}, windows.window));
  const auto known = TRY(
      measure::predict(*scorer, engine.tokenizer(), sample.sequences, windows, cancel, on_done));
  const std::size_t n_units =
      sample.units.empty() ? 0 : *std::ranges::max_element(sample.units) + 1;
  std::vector<Stretch> out(n_units);
  for (std::size_t i = 0; i < n_units; ++i) out[i].document = i;
  for (const Stretch& each : known) {
    Stretch& unit = out[sample.units[each.document]];
    unit.nats += each.nats;
    unit.n_tokens += each.n_tokens;
    unit.n_bytes += each.n_bytes;
  }
  std::erase_if(out, [](const Stretch& unit) { return unit.n_tokens == 0; });
  return out;
}

double perplexity_of(std::span<const Stretch> stretches) {
  double nats = 0, n = 0;
  for (const Stretch& each : stretches) {
    nats += each.nats;
    n += each.n_tokens;
  }
  return std::exp(n > 0 ? nats / n : 0);
}

Result<GeneralSamples> general_samples(const infer::Engine& engine) {
  GeneralSamples out;
  const auto documents = general_documents();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto sequence = TRY(measure::encode_document(documents[i], engine));
    TextSample& sample = i / 2 % 2 == 0 ? out.tuning : out.test;  // a text and a chat for each
    sample.units.push_back(sample.sequences.size());
    sample.sequences.push_back(std::move(sequence));
  }
  return out;
}

Result<Weakened> weaken(infer::Engine& engine, model::LoraAdapter& adapter,
                        const TextSample& tuning, double before, const Cancel& cancel,
                        const std::function<void(std::size_t)>& on_done) {
  const float alpha = adapter.alpha;
  Weakened out;
  for (const double strength : kStrengths) {
    out.strength = strength;
    adapter.alpha = alpha * static_cast<float>(strength);
    out.packed = TRY(model::PackedLora::pack(adapter, engine.model()));
    std::size_t n_done = 0;
    const auto after = TRY(predict(engine, tuning, out.packed, cancel, [&](std::size_t n) {
      n_done += n;
      if (on_done) on_done(n_done);
    }));
    if (perplexity_of(after) <= kTunedRatioMax * before) break;
  }
  return out;
}

}  // namespace plmm::learn
