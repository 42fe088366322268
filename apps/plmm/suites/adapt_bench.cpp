// Articles of a dictionary learnt from by a small model and its teacher; see adapt_bench.h.
#include "apps/plmm/suites/adapt_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/plmm/suites/figures.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "base/narrow.h"
#include "base/temporary_folder.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "expert/presets.h"
#include "infer/engine.h"
#include "model/model.h"
#include "reader/documents.h"
#include "train/run.h"
#include "train/teacher.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;

constexpr double kCostMax = 1.10;
constexpr double kGapMin = 0.40;
constexpr int kPairs = 5;                      // of steps, plain and taught in turn
constexpr std::size_t kArticleBytesMin = 200;  // shorter ones only refer to others
/// Bounds for the suite's time: all of the dictionary would take hours.
constexpr std::size_t kTokensTraining = 6'000;
constexpr std::size_t kTokensApart = 2'000;
constexpr int kBatch = 2;  // sequences of a step
constexpr std::uint64_t kSeed = 7;
constexpr float kShare = 0.5F;
constexpr double kRate = 5e-4;
constexpr int kRank = 16;

struct AdaptParts {
  bool cost = true;
  bool distill = true;
};

Result<AdaptParts> parts_of(const std::vector<std::string>& only) {
  if (only.empty()) return AdaptParts{};
  AdaptParts out{false, false};
  for (const auto& part : only) {
    if (part == "cost") {
      out.cost = true;
    } else if (part == "distill") {
      out.distill = true;
    } else {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the suite has no part '{}'. It has: cost, distill", part));
    }
  }
  return out;
}

/// Articles in a seeded order.
Result<train::Documents> articles(const bench::Options& options) {
  std::vector<fs::path> paths = options.data;
  if (paths.empty()) {
    const auto& documents = expert::find_preset("it")->documents;
    if (!expert::is_installed(documents)) {
      return fail(ErrorCode::not_found, fmt::format("the articles of {0} are not here. Run: sudo "
                                                    "apt install {0}  (or give --data FILE)",
                                                    documents.package));
    }
    paths.emplace_back(documents.path);
  }
  train::Documents out;
  for (const auto& path : paths) {
    TRY(reader::read_documents(
        path,
        [&](const reader::Document& document) -> Result<> {
          if (document.text.size() < kArticleBytesMin) return {};
          out.all.emplace_back().text = document.title + "\n\n" + document.text;
          return {};
        },
        terminal::interrupt()));
  }
  std::vector<train::Document> drawn;
  for (const std::size_t i : train::epoch_order(out.all.size(), kSeed, 0))
    drawn.push_back(std::move(out.all[i]));
  out.all = std::move(drawn);
  return out;
}

/// As many sequences as the suite has time for, of what no longer shares a document.
Result<train::TrainingData> data_of(const bench::Options& options, const infer::Engine& student) {
  train::DataOptions wanted;
  wanted.validation_share = 0.2;
  wanted.seed = kSeed;
  auto documents = TRY(articles(options));
  constexpr std::size_t kDocuments = 1'000;  // more than enough
  if (documents.all.size() > kDocuments) documents.all.resize(kDocuments);
  auto out = TRY(train::make_data(std::move(documents), student.tokenizer(), wanted));
  const auto shorten = [](std::vector<train::Sequence>& sequences, std::size_t n_tokens) {
    std::size_t n = 0, keep = 0;
    for (; keep < sequences.size() && n < n_tokens; ++keep) n += sequences[keep].tokens.size();
    sequences.resize(keep);
  };
  shorten(out.training, kTokensTraining);
  shorten(out.validation, kTokensApart);
  if (!out.training.empty() && !out.validation.empty()) return out;
  return fail(ErrorCode::invalid_argument,
              "there are too few articles to learn from and to keep some apart. Give more with "
              "--data");
}

std::size_t n_tokens(const std::vector<train::Sequence>& sequences) {
  std::size_t out = 0;
  for (const auto& sequence : sequences) out += sequence.tokens.size();
  return out;
}

Result<train::Trainer> trainer_of(infer::Engine& engine, int n_steps) {
  Rng rng(kSeed);
  auto adapter =
      TRY(model::create_lora(engine.model().config(), {.rank = kRank, .alpha = 2.0F * kRank}, rng));
  train::TrainOptions options;
  options.learning_rate = kRate;
  options.n_steps = n_steps;
  options.n_warm_up = std::min(10, n_steps / 10);
  return train::Trainer::create(engine.model(), engine.pool(), std::move(adapter), options);
}

class AdaptBench {
 public:
  AdaptBench(const bench::Options& options, std::vector<bench::ModelFile> models,
             bench::Report& report, fs::path folder)
      : options_(options),
        student_(std::move(models.at(0))),
        teacher_(std::move(models.at(1))),
        report_(report),
        folder_(std::move(folder)) {}

  Result<> run(const AdaptParts& parts) {
    engine_ = TRY(bench::load_engine(options_, student_, infer::Precision::fast));
    data_ = TRY(data_of(options_, *engine_));
    if (parts.cost) TRY(measure_cost());
    if (parts.distill) TRY(measure_gap());
    return {};
  }

 private:
  /// What `teacher` says of the data, in a file of its own.
  Result<train::LabelFile> label(infer::Engine& teacher, const train::TrainingData& data,
                                 const char* name) {
    const int n_vocabulary =
        std::min(teacher.model().config().n_vocabulary, engine_->model().config().n_vocabulary);
    auto reader = TRY(train::Teacher::create(teacher.model(), teacher.pool(), {},
                                             train::TrainOptions().n_tokens_max, n_vocabulary));
    auto out =
        TRY(train::LabelFile::open(folder_ / name, {"bench", train::rows_of(data), n_vocabulary}));
    TRY(train::label_all(reader, data, kSeed, out, {}, terminal::interrupt()));
    return out;
  }

  /// The same sequence with labels and without, in turn. Who made them does not change the cost.
  Result<> measure_cost() {
    train::TrainingData plain;
    plain.training = {data_.training.front()};
    train::TrainingData taught = plain;
    auto file = TRY(label(*engine_, plain, "cost.labels"));
    const auto labels = TRY(file.labels());
    train::teach(labels, kShare, 1.0F, taught);
    auto first = TRY(trainer_of(*engine_, 100));
    auto second = TRY(trainer_of(*engine_, 100));
    std::vector<double> ratios;
    for (int i = 0; i <= kPairs; ++i) {
      TRY(bench::go_on(options_));
      auto start = Clock::now();
      TRY(first.step(plain.training));
      const double plain_ms = milliseconds_since(start);
      start = Clock::now();
      TRY(second.step(taught.training));
      if (i > 0) ratios.push_back(milliseconds_since(start) / plain_ms);
    }
    report_.add(row(fmt::format("distill_cost/{}", student_.name), bench::median(ratios), "",
                    bench::GoalKind::value_at_most, kCostMax,
                    fmt::format("time of a step with labels that are there over one of plain "
                                "cross-entropy, {} pairs of {} tokens",
                                kPairs, n_tokens(plain.training))));
    return {};
  }

  Result<> measure_gap() {
    const auto start = Clock::now();
    std::optional<train::LabelFile> file;
    {
      report_.note(
          fmt::format("{} reads {} tokens", teacher_.name,
                      terminal::thousands(n_tokens(data_.training) + n_tokens(data_.validation))));
      const auto teacher = TRY(bench::load_engine(options_, teacher_, infer::Precision::fast));
      TRY(train::check_same_tokens(teacher->tokenizer(), engine_->tokenizer()));
      file = TRY(label(*teacher, data_, "gap.labels"));
    }
    const auto labels = TRY(file->labels());
    const double theirs = train::loss_apart(labels, data_);
    auto taught = data_;
    train::teach(labels, kShare, 1.0F, taught);
    const auto with = TRY(learn(taught, "with the teacher"));
    const auto without = TRY(learn(data_, "without"));
    const auto closed = [&](const Losses& losses) {
      return train::gap_closed(losses.before, losses.after, theirs).value_or(0);
    };
    report_.add(
        row("distill_gap_closed", closed(with), "", bench::GoalKind::value_at_least, kGapMin,
            fmt::format("loss on {} tokens of articles kept apart {:.4f} -> {:.4f}, the teacher's "
                        "{:.4f}; learnt from {} tokens once",
                        terminal::thousands(n_tokens(data_.validation)), with.before, with.after,
                        theirs, terminal::thousands(n_tokens(data_.training)))));
    report_.add(
        row("lora_gap_closed", closed(without), "",
            fmt::format("the same steps without the teacher: {:.4f}; {} for both", without.after,
                        terminal::duration_text(milliseconds_since(start) / 1e3))));
    return {};
  }

  struct Losses {
    double before = 0;
    double after = 0;
  };
  /// Once through the data, from a fresh adapter.
  Result<Losses> learn(const train::TrainingData& data, std::string_view how) {
    const int n_steps =
        std::max(1, narrow<int>(data.training.size() / static_cast<std::size_t>(kBatch)));
    report_.note(fmt::format("{} learns {}, {} steps", student_.name, how, n_steps));
    train::RunOptions options;
    options.n_batch = kBatch;
    options.n_evaluate_every = n_steps;
    options.checkpoint = folder_ / "unfinished.run";
    auto trainer = TRY(trainer_of(*engine_, n_steps));
    train::Run run(std::move(trainer), data, options);
    TRY(run.go({}, terminal::interrupt()));
    return Losses{run.log().validations.front().loss, run.log().validations.back().loss};
  }

  const bench::Options& options_;
  bench::ModelFile student_, teacher_;
  bench::Report& report_;
  fs::path folder_;
  std::unique_ptr<infer::Engine> engine_;
  train::TrainingData data_;
};

}  // namespace

Result<bench::Verdict> run_adapt_bench(cli::Context&, const bench::Options& options,
                                       const bench::Output& output) {
  const auto parts = TRY(parts_of(options.only));
  bench::Options chosen = options;
  if (chosen.models.empty()) chosen.models = {"qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"};
  if (chosen.models.size() != 2) {
    return fail(ErrorCode::invalid_argument,
                "the suite needs a student and a teacher: --model STUDENT --model TEACHER");
  }
  auto models = TRY(bench::find_models(chosen, output));
  const auto folder = TRY(TemporaryFolder::create());
  bench::Report report(options, output);
  TRY(AdaptBench(chosen, std::move(models), report, folder.path()).run(parts));
  return report.verdict();
}

}  // namespace plmm::suites
