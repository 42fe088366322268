// Measure, train, measure again; see learner.h.
#include "learn/learner.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "base/narrow.h"
#include "base/rng.h"
#include "learn/dialogue_form.h"
#include "learn/general_text.h"
#include "measure/perplexity.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "train/data.h"
#include "train/trainer.h"

namespace plmm::learn {
namespace {

using Clock = std::chrono::steady_clock;
using measure::Stretch;
using train::Sequence;

// The recipe. Attention alone keeps the adapter at some 2 MB for the model of 0.5B.
constexpr int kRank = 8;
constexpr float kAlpha = 16.0F;
constexpr std::array kTargets{model::LoraTarget::query, model::LoraTarget::key,
                              model::LoraTarget::value, model::LoraTarget::output};
constexpr double kLearningRate = 1e-3;
constexpr int kSequence = 512;  // tokens of a step
constexpr int kEpochsMax = 3;
constexpr int kWarmUpMax = 10;
constexpr double kTrainShareMin = 0.3;  // of the time, whatever the tests need

constexpr std::size_t kTestTokensMax = 8'192;  // of what was held back: half a minute
constexpr std::array kStrengths{1.0, 0.7, 0.5, 0.35, 0.25};
// Less than is allowed: the texts that it is tested by may differ.
constexpr double kTunedRatioMax = 1.01;

double nats_of(std::span<const Stretch> stretches) {
  double nats = 0, n = 0;
  for (const Stretch& each : stretches) {
    nats += each.nats;
    n += each.n_tokens;
  }
  return n > 0 ? nats / n : 0;
}
double perplexity_of(std::span<const Stretch> stretches) { return std::exp(nats_of(stretches)); }

/// Sequences to measure on, and to which unit each belongs.
struct Sample {
  std::vector<Sequence> sequences;
  std::vector<std::size_t> units;
};

std::size_t n_tokens(const Sample& sample) {
  std::size_t out = 0;
  for (const Sequence& sequence : sample.sequences) out += sequence.tokens.size();
  return out;
}

class Learner {
 public:
  Learner(infer::Engine& engine, const Material& material, const LearnOptions& options,
          const std::function<void(const LearnProgress&)>& on_progress, const Cancel& cancel)
      : engine_(engine),
        material_(material),
        options_(options),
        on_progress_(on_progress),
        cancel_(cancel) {}

  Result<Learnt> run() {
    TRY(encode_all());
    stage_ = {Stage::measuring, 0, n_tokens(own_) + n_tokens(tuning_) + n_tokens(general_), 0};
    const auto own_before = TRY(predict(own_, nullptr));
    const auto tuning_before = TRY(predict(tuning_, nullptr));
    const auto general_before = TRY(predict(general_, nullptr));
    const double measured_s = seconds();
    TRY(train(measured_s));
    stage_ = {Stage::testing, 0, n_tokens(own_) + n_tokens(tuning_) + n_tokens(general_), 0};
    const auto packed = TRY(weakened(perplexity_of(tuning_before)));
    const auto own_after = TRY(predict(own_, packed));
    const auto general_after = TRY(predict(general_, packed));
    judge(own_before, own_after, general_before, general_after);
    out_.seconds = seconds();
    return std::move(out_);
  }

 private:
  using Packed = std::shared_ptr<const model::PackedLora>;

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Result<> encode_all() {
    const auto& family = engine_.chat_template();
    if (!family) return std::unexpected(family.error());
    const int n_context = engine_.model().config().n_context;
    form_ = {*family, engine_.default_system(), std::min(kSequence, n_context)};
    const auto& tokenizer = engine_.tokenizer();
    std::vector<Sequence> pieces;
    for (const Dialogue& dialogue : material_.training)
      std::ranges::move(encode(dialogue, form_, tokenizer), std::back_inserter(pieces));
    for (const Correction& correction : material_.corrections)
      pieces.push_back(encode(correction, form_, tokenizer));
    training_ = packed(std::move(pieces), form_.n_tokens_max);
    choose_held_back();
    if (training_.empty() || own_.sequences.empty())
      return fail(ErrorCode::invalid_argument, "there is too little to learn from");
    return encode_general();
  }

  /// The beginnings of all conversations, then what comes next in them, until it is enough.
  void choose_held_back() {
    std::vector<std::vector<Sequence>> by_dialogue;
    std::size_t n_rounds = 0;
    for (const Dialogue& dialogue : material_.held_back) {
      by_dialogue.push_back(encode(dialogue, form_, engine_.tokenizer()));
      n_rounds = std::max(n_rounds, by_dialogue.back().size());
    }
    std::size_t n_chosen = 0;
    for (std::size_t round = 0; round < n_rounds; ++round) {
      for (std::size_t unit = 0; unit < by_dialogue.size(); ++unit) {
        if (round >= by_dialogue[unit].size()) continue;
        if (n_chosen > kTestTokensMax) return;
        n_chosen += by_dialogue[unit][round].tokens.size();
        own_.sequences.push_back(std::move(by_dialogue[unit][round]));
        own_.units.push_back(unit);
      }
    }
  }

  Result<> encode_general() {
    const auto documents = general_documents();
    for (std::size_t i = 0; i < documents.size(); ++i) {
      auto sequence = TRY(measure::encode_document(documents[i], engine_));
      Sample& sample = i / 2 % 2 == 0 ? tuning_ : general_;  // a text and a chat for each
      sample.units.push_back(sample.sequences.size());
      sample.sequences.push_back(std::move(sequence));
    }
    return {};
  }

  /// One stretch for each unit, in their order.
  Result<std::vector<Stretch>> predict(const Sample& sample, const Packed& adapter) {
    const int n_context = engine_.model().config().n_context;
    const measure::WindowOptions windows{std::min(2 * kSequence, n_context),
                                         std::min(kSequence, n_context / 2)};
    const auto scorer = TRY(measure::Scorer::create({&engine_, adapter, 1.0F}, windows.window));
    const std::size_t n_before = stage_.n_done;
    const auto known = TRY(measure::predict(*scorer, engine_.tokenizer(), sample.sequences, windows,
                                            cancel_, [&](std::size_t n) {
                                              stage_.n_done += n;
                                              report();
                                            }));
    stage_.n_done = n_before + n_tokens(sample);
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

  void report() {
    stage_.n_done = std::min(stage_.n_done, stage_.n_total);
    if (on_progress_) on_progress_(stage_);
  }

  std::span<const Sequence> batch_of(int step) const {
    const std::size_t n = training_.size();
    const auto at = static_cast<std::size_t>(step);
    const auto order = train::epoch_order(n, options_.seed, at / n);
    return std::span(training_).subspan(order[at % n], 1);
  }

  /// As many steps as the time allows once the tests have theirs: what they took the first time,
  /// and that once more for what an adapter costs and for making it weaker.
  Result<int> planned_steps(train::Trainer& trainer, double measured_s) const {
    if (options_.n_steps > 0) return options_.n_steps;
    const int n_most = kEpochsMax * narrow<int>(training_.size());
    const auto start = Clock::now();
    TRY(trainer.gradients(batch_of(0), cancel_));
    const double step_s = std::chrono::duration<double>(Clock::now() - start).count();
    const double left_s = std::max(options_.seconds_max - seconds() - 2 * measured_s,
                                   kTrainShareMin * options_.seconds_max);
    return std::clamp(static_cast<int>(left_s / step_s), 1, n_most);
  }

  Result<train::Trainer> new_trainer(int n_steps) const {
    Rng rng(options_.seed);
    const model::LoraOptions lora{kRank, kAlpha, {kTargets.begin(), kTargets.end()}};
    auto adapter = TRY(model::create_lora(engine_.model().config(), lora, rng));
    train::TrainOptions options;
    options.learning_rate = kLearningRate;
    options.n_steps = n_steps;
    options.n_warm_up = std::min(kWarmUpMax, n_steps / kWarmUpMax);
    options.n_tokens_max = form_.n_tokens_max;
    options.seed = options_.seed;
    return train::Trainer::create(engine_.model(), engine_.pool(), std::move(adapter), options);
  }

  Result<> train(double measured_s) {
    int n_steps = options_.n_steps;
    if (n_steps == 0) {
      auto rehearsal = TRY(new_trainer(1));
      n_steps = TRY(planned_steps(rehearsal, measured_s));
    }
    auto trainer = TRY(new_trainer(n_steps));
    stage_ = {Stage::training, 0, static_cast<std::size_t>(n_steps), 0};
    const double end_s = options_.seconds_max - measured_s;  // should the machine have slowed down
    for (int step = 0; step < n_steps; ++step) {
      const auto done = TRY(trainer.step(batch_of(step), cancel_));
      ++stage_.n_done;
      stage_.loss = done.loss;
      report();
      if (options_.n_steps == 0 && seconds() > end_s) break;
    }
    out_.n_steps = trainer.n_steps_done();
    out_.adapter = trainer.adapter();
    out_.adapter.base_fingerprint = model::fingerprint(engine_.model().reader());
    return {};
  }

  /// The strongest of kStrengths that leaves general text as it was, or the weakest.
  Result<Packed> weakened(double perplexity_before) {
    const float alpha = out_.adapter.alpha;
    Packed out;
    const std::size_t n_before = stage_.n_done;
    for (const double strength : kStrengths) {
      stage_.n_done = n_before;
      out_.strength = strength;
      out_.adapter.alpha = alpha * static_cast<float>(strength);
      out = TRY(model::PackedLora::pack(out_.adapter, engine_.model()));
      const auto after = TRY(predict(tuning_, out));
      if (perplexity_of(after) <= kTunedRatioMax * perplexity_before) break;
    }
    return out;
  }

  void judge(std::span<const Stretch> own_before, std::span<const Stretch> own_after,
             std::span<const Stretch> general_before, std::span<const Stretch> general_after) {
    Figures& figures = out_.figures;
    figures.own_before = perplexity_of(own_before);
    figures.own_after = perplexity_of(own_after);
    figures.general_before = perplexity_of(general_before);
    figures.general_after = perplexity_of(general_after);
    const auto ratio = measure::ratio_of_perplexities(own_after, own_before, options_.seed);
    if (ratio && ratio->interval) {
      figures.own_ratio_low = ratio->interval->low;
      figures.own_ratio_high = ratio->interval->high;
    }
    out_.verdict = verdict_on(figures);
  }

  infer::Engine& engine_;
  const Material& material_;
  const LearnOptions& options_;
  const std::function<void(const LearnProgress&)>& on_progress_;
  const Cancel& cancel_;
  Clock::time_point start_ = Clock::now();
  DialogueForm form_;
  std::vector<Sequence> training_;
  Sample own_, tuning_, general_;
  LearnProgress stage_;
  Learnt out_;
};

}  // namespace

Result<Learnt> learn(infer::Engine& engine, const Material& material, const LearnOptions& options,
                     const std::function<void(const LearnProgress&)>& on_progress,
                     const Cancel& cancel) {
  return Learner(engine, material, options, on_progress, cancel).run();
}

}  // namespace plmm::learn
