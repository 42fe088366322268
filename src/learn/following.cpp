// Cases, the choice among options, and the recipe; see following.h.
#include "learn/following.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/narrow.h"
#include "base/rng.h"
#include "learn/choice_form.h"
#include "learn/recipe.h"
#include "learn/text_sample.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "personal/prompt.h"
#include "personal/recall.h"
#include "train/data.h"
#include "train/trainer.h"

namespace plmm::learn {
namespace {

using Clock = std::chrono::steady_clock;
using train::Sequence;

// The recipe. What a statement means for a question is worked out in the upper layers; those below
// are left alone, which also saves their way back.
constexpr double kLearningRate = 3e-4;
constexpr double kSharpness = 8;     // of the choice, for the mean ln p of a byte
constexpr float kLikelihood = 0.3F;  // of the right option, so that answers stay likely
constexpr int kBatch = 4;            // cases of a step
constexpr int kTokensMax = 512;      // of a case
constexpr int kOthersMax = 2;        // statements that have nothing to do with the question
constexpr int kEpochsMax = 2;

constexpr double kSimilarity = 0.9;                // of a statement that a note quotes
constexpr std::int64_t kFirstDay = 1'735'689'600;  // 1 January 2025, UTC, in seconds
constexpr std::uint64_t kDays = 600;
constexpr std::int64_t kDaySeconds = 86'400;

/// "3 Mar 2025"
std::string day_text(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t n = std::strftime(text.data(), text.size(), "%e %b %Y", &parts);
  std::string out(text.data(), n);
  if (out.starts_with(' ')) out.erase(0, 1);
  return out;
}

/// As memory shows it; empty where what was said has no statement.
std::string note_of(std::span<const std::string> said, Rng& rng) {
  std::vector<personal::Recalled> recalled;
  for (const std::string& text : said) {
    personal::Turn turn;
    turn.id = narrow<std::int64_t>(recalled.size());
    const auto day = narrow<std::int64_t>(rng.below(kDays));
    turn.time_ms = (kFirstDay + day * kDaySeconds) * 1'000;
    turn.said = Personal(text);
    recalled.push_back({std::move(turn), 1.0, static_cast<float>(kSimilarity)});
  }
  return personal::make_note(recalled, {}, day_text).text.reveal(Purpose::prompt);
}

template <class T>
void shuffle(std::vector<T>& all, Rng& rng) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
}

class Follower {
 public:
  Follower(infer::Engine& engine, std::span<const eval::PreferenceQuestion> questions,
           std::span<const eval::PreferenceQuestion> tests, const LearnOptions& options,
           const std::function<void(const LearnProgress&)>& on_progress, const Cancel& cancel)
      : engine_(engine),
        questions_(questions),
        options_(options),
        on_progress_(on_progress),
        cancel_(cancel),
        tests_(following_cases(tests, kOthersMax, options.seed)) {}

  Result<Followed> run() {
    TRY(prepare());
    begin(Stage::measuring, tests_.size());
    const auto right_before = TRY(chosen(nullptr));
    const auto tuning_before = TRY(perplexity(general_.tuning, nullptr));
    out_.figures.general_before = TRY(perplexity(general_.test, nullptr));
    TRY(train(seconds()));
    begin(Stage::testing, tests_.size());
    const auto [packed, strength] =
        TRY(weaken(engine_, out_.adapter, general_.tuning, tuning_before, cancel_, {}));
    out_.strength = strength;
    const auto right_after = TRY(chosen(packed));
    out_.figures.general_after = TRY(perplexity(general_.test, packed));
    out_.figures.right_before = share(right_before);
    out_.figures.right_after = share(right_after);
    out_.seconds = seconds();
    return std::move(out_);
  }

 private:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  void begin(Stage stage, std::size_t n_total) {
    progress_ = {stage, 0, n_total, progress_.loss};
    report();
  }
  void report() {
    if (on_progress_) on_progress_(progress_);
  }

  Result<> prepare() {
    const auto& family = engine_.chat_template();
    if (!family) return std::unexpected(family.error());
    const ChoiceForm form{*family, following_system()};
    const auto& config = engine_.model().config();
    recipe_ = {kLearningRate, config.n_layers / 2, std::min(kTokensMax, config.n_context),
               options_.seed};
    for (const FollowingCase& each : following_cases(questions_, kOthersMax, options_.seed)) {
      auto sequence = encode_choice(candidates(form, each.turn, each.options, engine_.tokenizer()),
                                    each.options, each.right, kSharpness);
      sequence.likelihood = kLikelihood;
      if (narrow<int>(sequence.tokens.size()) <= recipe_.n_tokens_max)
        training_.push_back(std::move(sequence));
    }
    if (training_.empty() || tests_.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "there is no question that the model's context is long enough for");
    }
    general_ = TRY(general_samples(engine_));
    return {};
  }

  Result<std::vector<bool>> chosen(const PackedAdapter& adapter) {
    return choose({&engine_, adapter, 1.0F}, tests_, cancel_, [&](std::size_t n) {
      progress_.n_done += n;
      report();
    });
  }

  Result<double> perplexity(const TextSample& sample, const PackedAdapter& adapter) {
    return perplexity_of(TRY(predict(engine_, sample, adapter, cancel_, {})));
  }

  std::vector<Sequence> batch_of(int step) const {
    const std::size_t n = training_.size();
    std::vector<Sequence> out;
    for (int i = 0; i < kBatch; ++i) {
      const auto at = static_cast<std::size_t>(step * kBatch + i);
      out.push_back(training_[train::epoch_order(n, options_.seed, at / n)[at % n]]);
    }
    return out;
  }

  /// What the time allows once the tests have theirs a second time.
  Result<int> planned_steps(double measured_s) const {
    if (options_.n_steps > 0) return options_.n_steps;
    const double step_s = TRY(seconds_of_step(engine_, recipe_, batch_of(0), cancel_));
    const double left_s = options_.seconds_max - seconds() - 2 * measured_s;
    const int n_most = kEpochsMax * narrow<int>(training_.size()) / kBatch;
    return std::clamp(static_cast<int>(left_s / step_s), 1, std::max(n_most, 1));
  }

  Result<> train(double measured_s) {
    const int n_steps = TRY(planned_steps(measured_s));
    auto trainer = TRY(new_trainer(engine_, recipe_, n_steps));
    begin(Stage::training, static_cast<std::size_t>(n_steps));
    for (int step = 0; step < n_steps; ++step) {
      const auto done = TRY(trainer.step(batch_of(step), cancel_));
      ++progress_.n_done;
      progress_.loss = done.loss;
      report();
    }
    out_.n_steps = trainer.n_steps_done();
    out_.adapter = trainer.adapter();
    out_.adapter.base_fingerprint = model::fingerprint(engine_.model().reader());
    return {};
  }

  static double share(const std::vector<bool>& right) {
    return static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
  }

  infer::Engine& engine_;
  std::span<const eval::PreferenceQuestion> questions_;
  const LearnOptions& options_;
  const std::function<void(const LearnProgress&)>& on_progress_;
  const Cancel& cancel_;
  Clock::time_point start_ = Clock::now();
  std::vector<FollowingCase> tests_;
  Recipe recipe_;
  std::vector<Sequence> training_;
  GeneralSamples general_;
  LearnProgress progress_;
  Followed out_;
};

}  // namespace

std::string following_system() { return personal::pin({}).text.reveal(Purpose::prompt); }

std::vector<FollowingCase> following_cases(std::span<const eval::PreferenceQuestion> questions,
                                           int n_others_max, std::uint64_t seed) {
  const auto decided = eval::preference_cases(questions, seed);
  Rng rng(seed);
  std::vector<FollowingCase> out;
  for (const eval::PreferenceCase& one : decided) {
    std::vector<std::string> said{one.preference};
    // Nothing is known of these but that they were said; a few may fit the question too.
    const auto n_others = rng.below(static_cast<std::uint64_t>(n_others_max) + 1);
    for (std::uint64_t i = 0; i < n_others; ++i)
      said.push_back(decided[rng.below(decided.size())].preference);
    shuffle(said, rng);
    out.push_back({note_of(said, rng) + one.question, one.options, one.right});
  }
  return out;
}

Result<std::vector<bool>> choose(const measure::Subject& subject,
                                 std::span<const FollowingCase> cases, const Cancel& cancel,
                                 const std::function<void(std::size_t)>& on_done) {
  const infer::Engine& engine = *subject.engine;
  const auto& family = engine.chat_template();
  if (!family) return std::unexpected(family.error());
  const ChoiceForm form{*family, following_system()};
  std::vector<measure::Candidates> all;
  std::size_t n_most = 0;
  for (const FollowingCase& each : cases) {
    all.push_back(candidates(form, each.turn, each.options, engine.tokenizer()));
    const auto longest =
        std::ranges::max(all.back().endings, {}, [](const auto& ending) { return ending.size(); });
    n_most = std::max(n_most, all.back().context.size() + longest.size());
  }
  const auto scorer = TRY(measure::Scorer::create(subject, narrow<int>(n_most)));
  const auto known = TRY(scorer->score(all, cancel, on_done));
  std::vector<bool> out;
  for (std::size_t i = 0; i < cases.size(); ++i)
    out.push_back(likeliest(known[i], cases[i].options) == cases[i].right);
  return out;
}

Result<Followed> learn_to_follow(infer::Engine& engine,
                                 std::span<const eval::PreferenceQuestion> questions,
                                 std::span<const eval::PreferenceQuestion> tests,
                                 const LearnOptions& options,
                                 const std::function<void(const LearnProgress&)>& on_progress,
                                 const Cancel& cancel) {
  return Follower(engine, questions, tests, options, on_progress, cancel).run();
}

}  // namespace plmm::learn
