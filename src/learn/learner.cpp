// Measure, train, measure again; see learner.h.
#include "learn/learner.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/narrow.h"
#include "learn/dialogue_form.h"
#include "learn/recipe.h"
#include "learn/text_sample.h"
#include "measure/perplexity.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "train/data.h"
#include "train/trainer.h"

namespace plmm::learn {
namespace {

using Clock = std::chrono::steady_clock;
using measure::Stretch;
using train::Sequence;

constexpr int kSequence = 512;  // tokens of a step
constexpr int kEpochsMax = 3;
constexpr double kTrainShareMin = 0.3;  // of the time, whatever the tests need

constexpr std::size_t kTestTokensMax = 8'192;  // of what was held back: half a minute

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
    stage_ = {Stage::measuring, 0, n_tested(), 0};
    const auto own_before = TRY(predicted(own_, nullptr));
    const auto tuning_before = TRY(predicted(general_.tuning, nullptr));
    const auto general_before = TRY(predicted(general_.test, nullptr));
    const double measured_s = seconds();
    TRY(train(measured_s));
    stage_ = {Stage::testing, 0, n_tested(), 0};
    const auto [packed, strength] =
        TRY(weaken(engine_, out_.adapter, general_.tuning, perplexity_of(tuning_before), cancel_,
                   [&](std::size_t n_done) {
                     stage_.n_done = n_done;
                     report();
                   }));
    out_.strength = strength;
    stage_.n_done = general_.tuning.n_tokens();
    const auto own_after = TRY(predicted(own_, packed));
    const auto general_after = TRY(predicted(general_.test, packed));
    judge(own_before, own_after, general_before, general_after);
    out_.seconds = seconds();
    return std::move(out_);
  }

 private:
  /// Without those in which whoever was told how far it is let it wait.
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_ - waited_).count();
  }

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
    general_ = TRY(general_samples(engine_));
    return {};
  }

  std::size_t n_tested() const {
    return own_.n_tokens() + general_.tuning.n_tokens() + general_.test.n_tokens();
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

  Result<std::vector<Stretch>> predicted(const TextSample& sample, const PackedAdapter& adapter) {
    const std::size_t n_before = stage_.n_done;
    auto out = TRY(predict(engine_, sample, adapter, cancel_, [&](std::size_t n) {
      stage_.n_done += n;
      report();
    }));
    stage_.n_done = n_before + sample.n_tokens();
    return out;
  }

  Recipe recipe() const { return {.n_tokens_max = form_.n_tokens_max, .seed = options_.seed}; }

  void report() {
    stage_.n_done = std::min(stage_.n_done, stage_.n_total);
    const auto before = Clock::now();
    if (on_progress_) on_progress_(stage_);
    waited_ += Clock::now() - before;
  }

  std::span<const Sequence> batch_of(int step) const {
    const std::size_t n = training_.size();
    const auto at = static_cast<std::size_t>(step);
    const auto order = train::epoch_order(n, options_.seed, at / n);
    return std::span(training_).subspan(order[at % n], 1);
  }

  /// As many steps as the time allows once the tests have theirs: what they took the first time,
  /// and that once more for what an adapter costs and for making it weaker.
  Result<int> planned_steps(double measured_s) const {
    if (options_.n_steps > 0) return options_.n_steps;
    const int n_most = kEpochsMax * narrow<int>(training_.size());
    const double step_s = TRY(seconds_of_step(engine_, recipe(), batch_of(0), cancel_));
    const double left_s = std::max(options_.seconds_max - seconds() - 2 * measured_s,
                                   kTrainShareMin * options_.seconds_max);
    return std::clamp(static_cast<int>(left_s / step_s), 1, n_most);
  }

  Result<> train(double measured_s) {
    const int n_steps = TRY(planned_steps(measured_s));
    auto trainer = TRY(new_trainer(engine_, recipe(), n_steps));
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
  Clock::duration waited_{};
  DialogueForm form_;
  std::vector<Sequence> training_;
  TextSample own_;
  GeneralSamples general_;
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
