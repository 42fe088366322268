// plmm bench train: how fast and in how much memory an adapter is trained, and whether gradients
// and losses are those of torch with PEFT.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>

#include "base/rng.h"
#include "bench/machine.h"
#include "bench/suite_text.h"
#include "bench/suites.h"
#include "bench/torch_peer.h"
#include "bench/workload.h"
#include "infer/engine.h"
#include "kernel/backward.h"
#include "model/model.h"
#include "train/linear.h"
#include "train/trainer.h"

namespace plmm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRank = 16;
constexpr float kAlpha = 32.0F;
constexpr int kTokens = 512;        // of a sequence, where speed is measured
constexpr int kMemoryTokens = 256;  // where memory is
constexpr int kCurveTokens = 96;    // of a window of text, where losses are compared
constexpr int kCurveSteps = 50;
constexpr int kRepetitions = 3;
constexpr double kRate = 2e-4;
constexpr double kSpeedMin = 1.5;  // over torch with PEFT
constexpr double kPeakShareMin = 0.55;
constexpr double kMemoryMax = 150.0;  // MB, qwen2.5-coder-0.5b
constexpr double kCosineMin = 0.9999;
constexpr double kCurveMax = 0.01;
constexpr double kMega = 1e6, kGiga = 1e9;
constexpr std::string_view kMemoryModel = "qwen2.5-coder-0.5b";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

train::Sequence sequence_of(const Tokens& tokens) {
  train::Sequence out;
  out.tokens = tokens;
  out.weights.assign(tokens.size(), 1.0F);
  out.weights.back() = 0.0F;
  return out;
}

/// An adapter to begin with; B is not zero where gradients of A shall be seen.
Result<model::LoraAdapter> first_adapter(const model::ModelConfig& config, double spread_of_b) {
  Rng rng(11);
  auto out = TRY(model::create_lora(config, {.rank = kRank, .alpha = kAlpha}, rng));
  for (auto& layer : out.layers) {
    for (auto& pair : layer) {
      for (float& value : pair.b)
        value = static_cast<float>((rng.uniform() - 0.5) * 2.0 * spread_of_b);
    }
  }
  return out;
}

/// Resident bytes of this process, or the most since reset_peak().
double memory_of(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(key)) continue;
    const auto digits = line.find_first_of("0123456789", key.size());
    double kilobytes = 0;
    if (digits != std::string::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), kilobytes);
    return kilobytes * 1024.0;
  }
  return 0;
}
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    squares_a += static_cast<double>(a[i]) * a[i];
    squares_b += static_cast<double>(b[i]) * b[i];
  }
  const double out = dot / std::sqrt(squares_a * squares_b);
  return std::isfinite(out) ? out : -1.0;  // a gradient of zeros or of no numbers is a wrong one
}

class ModelTraining {
 public:
  ModelTraining(const Options& options, ModelFile file, const Output& output, Report& report)
      : options_(options), file_(std::move(file)), output_(output), report_(report) {}

  Result<> run(std::string_view text) {
    engine_ = TRY(load_engine(options_, file_, infer::Precision::fast));
    if (options_.peers) TRY(cut(text));
    measure_product();
    TRY(measure_memory());
    TRY(measure_speed());
    if (!options_.peers) return {};
    TRY(compare_curve());
    engine_.reset();  // the exact weights take four bytes each
    return compare_gradients();
  }

 private:
  /// A window for each step of the curve, all of one length.
  Result<> cut(std::string_view text) {
    windows_ = windows(engine_->tokenizer(), text, kCurveSteps * kCurveTokens, kCurveTokens);
    std::erase_if(windows_, [](const Tokens& window) { return window.size() < kCurveTokens; });
    if (windows_.size() >= kCurveSteps) {
      windows_.resize(kCurveSteps);
      return {};
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("the text has {} windows of {} tokens, and {} steps are compared. Give "
                            "a longer one with --data",
                            windows_.size(), kCurveTokens, kCurveSteps));
  }

  Result<train::Trainer> trainer(infer::Engine& engine, const model::LoraAdapter& adapter,
                                 int n_tokens) {
    train::TrainOptions options;
    options.learning_rate = kRate;
    options.learning_rate_end = 1.0;
    options.n_tokens_max = n_tokens;
    return train::Trainer::create(engine.model(), engine.pool(), adapter, options);
  }

  Metric metric(std::string_view name) const {
    Metric out;
    out.name = fmt::format("{}/{}", name, file_.name);
    return out;
  }

  /// The gradient by the inputs of all matrices of a layer, beside multiply-adds on registers.
  void measure_product() {
    const auto& kernels = engine_->model().kernels();
    const auto& w = engine_->model().weights().layers.front();
    ThreadPool& pool = engine_->pool();
    std::vector<double> done(static_cast<std::size_t>(pool.size()));
    auto start = Clock::now();
    pool.run([&](int i) { done[static_cast<std::size_t>(i)] = kernels.backward->float_peak(10); });
    double peak = 0;
    for (const double n : done) peak += n;
    peak /= seconds_since(start);
    double seconds = 0, macs = 0;
    for (const auto* m : {&w.query, &w.key, &w.value, &w.output, &w.gate, &w.up, &w.down}) {
      const std::size_t ld_out = train::row_distance(m->n_out),
                        ld_in = train::row_distance(m->n_in);
      const std::vector<float> dy(kTokens * ld_out, 0.5F);
      std::vector<float> dx(kTokens * ld_in);
      std::vector<double> times;
      for (int i = 0; i <= kRepetitions; ++i) {
        start = Clock::now();
        const int width = train::input_columns(pool, m->n_in);
        train::for_each_task(pool, (m->n_in + width - 1) / width, [&](int task, int) {
          const int column = task * width;
          kernels.backward->product_transposed(*m, dy.data(), ld_out, kTokens, column,
                                               std::min(column + width, m->n_in), dx.data(), ld_in,
                                               kernel::Start::zero);
        });
        if (i > 0) times.push_back(seconds_since(start));
      }
      seconds += median(times);
      macs += static_cast<double>(m->n_in) * m->n_out * kTokens;
    }
    Metric out = metric("train_product_share");
    out.value = macs / seconds / peak;
    out.goal = Goal{GoalKind::value_at_least, kPeakShareMin, {}};
    out.note = fmt::format("{:.0f} of {:.0f} GFLOP/s in f32", 2 * macs / seconds / kGiga,
                           2 * peak / kGiga);
    report_.add(out);
  }

  Result<> measure_memory() {
    const double before = memory_of("VmRSS:");
    reset_peak();
    auto t =
        TRY(trainer(*engine_, TRY(first_adapter(engine_->model().config(), 0)), kMemoryTokens));
    const train::Sequence sequence = sequence_of(seeded(kMemoryTokens));
    TRY(t.step({&sequence, 1}));
    Metric out = metric("train_memory");
    out.value = (memory_of("VmHWM:") - before) / kMega;
    out.unit = "MB";
    out.better = Better::less;
    out.note = fmt::format("above the packed weights, rank {}, {} tokens", kRank, kMemoryTokens);
    if (file_.name == kMemoryModel) out.goal = Goal{GoalKind::value_at_most, kMemoryMax, {}};
    report_.add(out);
    return {};
  }

  Tokens seeded(int n) const {
    Rng rng(3);
    Tokens out;
    const auto n_words = static_cast<std::uint64_t>(engine_->model().config().n_vocabulary);
    for (int i = 0; i < n; ++i) out.push_back(static_cast<text::TokenId>(rng.below(n_words)));
    return out;
  }

  /// A B A B: one step of ours and of torch in each type, after one that only warms up.
  Result<> measure_speed() {
    const auto adapter = TRY(first_adapter(engine_->model().config(), 0));
    const Tokens tokens = seeded(kTokens);
    const train::Sequence sequence = sequence_of(tokens);
    Metric out = metric("train");
    out.unit = "tok/s";
    std::vector<std::string_view> types = {"float32", "bfloat16"};
    if (!options_.peers) types.resize(1);
    for (const auto type : types) {
      std::optional<TorchPeer> torch;
      if (options_.peers) {
        torch = TRY(TorchPeer::start(options_.n_threads, output_));
        TRY(torch->load(type, adapter, file_.path));
        TRY(torch->optimizer(kRate));
      }
      auto ours = TRY(trainer(*engine_, adapter, kTokens));
      std::vector<double> mine, theirs;
      for (int i = 0; i <= kRepetitions; ++i) {
        TRY(go_on(options_));
        const auto start = Clock::now();
        TRY(ours.step({&sequence, 1}));
        if (i > 0) mine.push_back(seconds_since(start));
        if (!torch) continue;
        const auto step = TRY(torch->step(tokens));
        if (i > 0) theirs.push_back(step.seconds);
      }
      if (type == types.front()) out.value = kTokens / median(mine);
      if (torch) {
        // Measured beside another run of ours: scaled so that the ratio is that of this run.
        out.peers.push_back(
            {fmt::format("torch {}", type), out.value * median(mine) / median(theirs)});
      }
    }
    if (options_.peers) out.goal = Goal{GoalKind::ratio_at_least, kSpeedMin, "torch bfloat16"};
    out.note = fmt::format("rank {}, all matrices, {} tokens", kRank, kTokens);
    report_.add(out);
    return {};
  }

  /// Fifty steps on text from the same adapter, on our fast path and in torch's float32.
  Result<> compare_curve() {
    const auto adapter = TRY(first_adapter(engine_->model().config(), 0));
    auto ours = TRY(trainer(*engine_, adapter, kCurveTokens));
    auto torch = TRY(TorchPeer::start(options_.n_threads, output_));
    TRY(torch.load("float32", adapter, file_.path));
    TRY(torch.optimizer(kRate));
    double worst = 0, first = 0, last = 0;
    for (const Tokens& window : windows_) {
      TRY(go_on(options_));
      const train::Sequence sequence = sequence_of(window);
      const auto mine = TRY(ours.step({&sequence, 1}));
      const auto theirs = TRY(torch.step(window));
      worst = std::max(worst, std::abs(mine.loss - theirs.loss) / theirs.loss);
      if (&window == &windows_.front()) first = mine.loss;
      last = mine.loss;
    }
    Metric out = metric("train_curve");
    out.value = worst;
    out.better = Better::less;
    out.goal = Goal{GoalKind::value_at_most, kCurveMax, {}};
    out.note =
        fmt::format("largest difference of a loss in {} steps, {:.3f} at first, {:.3f} at last",
                    kCurveSteps, first, last);
    report_.add(out);
    return {};
  }

  /// Every matrix of an adapter on text, on the exact path and in torch's float32.
  Result<> compare_gradients() {
    const auto exact = TRY(load_engine(options_, file_, infer::Precision::exact));
    const auto adapter = TRY(first_adapter(exact->model().config(), 0.02));
    const Tokens& window = windows_.front();
    model::LoraAdapter mine;
    {
      auto ours = TRY(trainer(*exact, adapter, kCurveTokens));
      const train::Sequence sequence = sequence_of(window);
      mine = TRY(ours.gradients({&sequence, 1}));
    }
    auto torch = TRY(TorchPeer::start(options_.n_threads, output_));
    TRY(torch.load("float32", adapter, file_.path));
    const std::vector<float> all = TRY(torch.gradients(window, adapter.n_parameters()));
    double worst = 1.0;
    std::span<const float> rest = all;
    for (const auto& layer : mine.layers) {
      for (const auto& pair : layer) {
        for (const auto* side : {&pair.a, &pair.b}) {
          worst = std::min(worst, cosine(*side, rest.first(side->size())));
          rest = rest.subspan(side->size());
        }
      }
    }
    Metric out = metric("train_gradient_cosine");
    out.value = worst;
    out.goal = Goal{GoalKind::value_at_least, kCosineMin, {}};
    out.note = fmt::format("the worst of {} matrices, against torch in float32",
                           mine.layers.size() * model::kLoraTargets * 2);
    report_.add(out);
    return {};
  }

  const Options& options_;
  ModelFile file_;
  const Output& output_;
  Report& report_;
  std::unique_ptr<infer::Engine> engine_;
  std::vector<Tokens> windows_;
};

}  // namespace

Result<> run_train(const Options& options, const kernel::Kernels& kernels, const Output& output,
                   Report& report) {
  Options chosen = options;
  if (chosen.models.empty()) chosen.models = {"smollm2-135m", "qwen2.5-coder-0.5b"};
  const auto models = TRY(find_models(chosen, output));
  std::string text;
  if (chosen.peers) text = TRY(suite_text(chosen, (kCurveSteps + 1) * kCurveTokens));
  report.add(describe_cpu(kernels, chosen.n_threads));
  for (const ModelFile& file : models) TRY(ModelTraining(chosen, file, output, report).run(text));
  return {};
}

}  // namespace plmm::bench
