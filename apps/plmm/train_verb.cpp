// plmm train lora: chats and texts in, an adapter out.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/progress.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/train_report.h"
#include "base/file.h"
#include "base/narrow.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "train/run.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kCheckpointName = "unfinished.run";
constexpr double kCheckpointEvery_s = 20;  // what a power cut may cost
constexpr int kLooks = 10;                 // at what was kept apart, in a run

int integer(const Context& context, std::string_view flag) {
  return narrow<int>(command::to_integer(context.arguments.text(flag)));
}
int integer_or(const Context& context, std::string_view flag, int otherwise) {
  return context.arguments.has(flag) ? integer(context, flag) : otherwise;
}
double real_or(const Context& context, std::string_view flag, double otherwise) {
  return context.arguments.has(flag) ? command::to_real(context.arguments.text(flag)) : otherwise;
}

std::vector<model::LoraTarget> targets_of(const Context& context) {
  const auto all = model::all_lora_targets();
  const auto first_of_feed_forward = std::ranges::find(all, model::LoraTarget::gate);
  const std::string which = context.arguments.text("--targets");
  if (which == "attention") return {all.begin(), first_of_feed_forward};
  if (which == "feed-forward") return {first_of_feed_forward, all.end()};
  return {all.begin(), all.end()};
}

struct Plan {
  fs::path folder;
  bool resume = false;
  model::LoraOptions lora;
  train::DataOptions data;
  train::TrainOptions train;
  train::RunOptions run;
};

Result<fs::path> out_folder(const Context& context) {
  if (!context.arguments.has("--data") || !context.arguments.has("--out")) {
    return fail(ErrorCode::invalid_argument,
                "what to learn from, and where to? Run: plmm train lora --data FILE --out FOLDER");
  }
  fs::path out = files::expand_home(context.arguments.text("--out"), context.paths.home);
  std::error_code failed;
  const bool is_begun = fs::exists(out / kCheckpointName, failed);
  if (context.arguments.has("--resume")) {
    if (is_begun) return out;
    return fail(ErrorCode::not_found,
                out.string() + ": no run was stopped there; begin one without --resume");
  }
  if (is_begun) {
    return fail(ErrorCode::invalid_argument,
                out.string() +
                    ": a run was stopped there. Go on with --resume, or choose another "
                    "--out");
  }
  if (fs::exists(out / model::kPeftConfigName, failed)) {
    return fail(ErrorCode::invalid_argument,
                out.string() + ": holds an adapter already; choose another --out");
  }
  return out;
}

Result<Plan> make_plan(const Context& context, const infer::Engine& engine, fs::path folder) {
  Plan out;
  out.folder = std::move(folder);
  out.resume = context.arguments.has("--resume");
  out.lora.rank = integer_or(context, "--rank", 16);
  out.lora.alpha = static_cast<float>(real_or(context, "--alpha", 2.0 * out.lora.rank));
  out.lora.targets = targets_of(context);
  const auto& family = engine.chat_template();
  if (!family) return std::unexpected(family.error());
  out.data.chat_template = *family;
  out.data.default_system = engine.default_system();
  out.data.n_tokens_max =
      std::min(integer_or(context, "--sequence", 512), engine.model().config().n_context);
  out.data.validation_share = real_or(context, "--validation", 0.1);
  out.data.seed = context.settings.integer("seed");
  out.train.learning_rate = real_or(context, "--lr", 5e-4);
  out.train.n_tokens_max = out.data.n_tokens_max;
  out.train.seed = out.data.seed;
  out.run.n_batch = integer_or(context, "--batch", 4);
  out.run.n_patience = integer_or(context, "--patience", 3);
  out.run.checkpoint = out.folder / kCheckpointName;
  return out;
}

/// Steps by epochs or as asked, and what depends on their number.
void plan_steps(const Context& context, const train::TrainingData& data, const std::string& base,
                Plan& plan) {
  const int n_sequences = narrow<int>(data.training.size());
  const int per_epoch = (n_sequences + plan.run.n_batch - 1) / plan.run.n_batch;
  const int n = integer_or(context, "--steps", integer_or(context, "--epochs", 3) * per_epoch);
  plan.train.n_steps = n;
  plan.train.n_warm_up = std::min(10, n / 10);
  plan.run.n_evaluate_every = std::max(1, n / kLooks);
  std::string targets;
  for (const auto target : plan.lora.targets)
    targets += fmt::format("{}{}", targets.empty() ? "" : ",", model::target_name(target));
  plan.run.recipe = fmt::format(
      "base {} data {} rank {} alpha {:g} targets {} lr {:g} steps {} batch {} sequence {} "
      "validation {:g} patience {} seed {}\n",
      base, data.fingerprint, plan.lora.rank, plan.lora.alpha, targets, plan.train.learning_rate, n,
      plan.run.n_batch, plan.train.n_tokens_max, plan.data.validation_share, plan.run.n_patience,
      plan.train.seed);
}

/// The line that moves on a terminal; in a file or pipe, a line for each look.
class Progress {
 public:
  Progress(Console& console, int n_steps)
      : console_(console), n_steps_(static_cast<std::uint64_t>(n_steps)) {}

  void step(const train::StepReport& report) {
    const double now_s = seconds();
    n_tokens_ += static_cast<std::uint64_t>(report.n_tokens);
    steps_.add(now_s, static_cast<std::uint64_t>(report.step));
    tokens_.add(now_s, n_tokens_);
    if (!console_.can_redraw()) return;
    auto line = terminal::count_progress_text(static_cast<std::uint64_t>(report.step), n_steps_,
                                              "steps", steps_.per_s());
    line += fmt::format("  loss {:.2f}", report.loss);
    if (tokens_.per_s() > 0) line += fmt::format("  {:.0f} tok/s", tokens_.per_s());
    console_.draw("\r\x1b[K" + line);
  }
  void look(const train::RunLog& log) {
    clear();
    const auto& last = log.validations.back();
    const bool first = log.validations.size() == 1;
    console_.note(fmt::format("step {:<5} loss on what was kept apart {:.4f}{}", last.step,
                              last.loss,
                              first                ? " (the model alone)"
                              : last == log.best() ? "  better"
                                                   : ""));
  }
  void clear() {
    if (console_.can_redraw()) console_.draw("\r\x1b[K");
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  Console& console_;
  std::uint64_t n_steps_;
  std::uint64_t n_tokens_ = 0;
  terminal::RateMeter steps_, tokens_;
  Clock::time_point start_ = Clock::now();
};

std::string resume_command(const Context& context) {
  std::string out = "plmm train lora";
  for (const auto& [flag, values] : context.arguments.values) {
    if (!flag.starts_with("--") || flag == "--resume") continue;
    for (const auto& value : values)
      out += fmt::format(" {} {}", flag, terminal::shell_word(value));
  }
  return out + " --resume";
}

/// Adapter, curve and report; then the checkpoint goes.
Result<> write_results(const Plan& plan, const RunningModel& model, model::LoraAdapter adapter,
                       const train::RunLog& log, const std::string& report) {
  const model::Model& base = model.engine->model();
  adapter.base_fingerprint = model::fingerprint(base.reader());
  TRY(model::save_gguf_lora(adapter, base.config(), plan.folder / "adapter.gguf", model.name));
  TRY(write_file_atomically(plan.folder / "learning-curve.svg", learning_curve(log)));
  TRY(write_file_atomically(plan.folder / "report.txt", report));
  TRY(model::save_peft(adapter, plan.folder, model.name));
  std::error_code ignored;
  fs::remove(plan.run.checkpoint, ignored);
  return {};
}

Result<> go(Context& context, train::Run& run, Progress& progress) {
  double saved_s = 0;
  train::RunEvents events;
  events.on_step = [&](const train::StepReport& report, const train::RunLog&) {
    progress.step(report);
  };
  events.on_validation = [&](const train::RunLog& log) { progress.look(log); };
  events.checkpoint_due = [&](int step) {
    const double now_s = progress.seconds();
    const bool due = step == 1 || now_s - saved_s >= kCheckpointEvery_s;
    if (due) saved_s = now_s;
    return due;
  };
  auto done = run.go(events, terminal::interrupt());
  progress.clear();
  if (done || done.error().code != ErrorCode::cancelled) return done;
  return fail(ErrorCode::cancelled, fmt::format("stopped after step {}; nothing is lost. Run: {}",
                                                run.n_steps_done(), resume_command(context)));
}

Result<train::Run> open_run(Plan& plan, RunningModel& model, const train::TrainingData& data) {
  const model::Model& base = model.engine->model();
  Rng rng(plan.train.seed);
  auto adapter = TRY(model::create_lora(base.config(), plan.lora, rng));
  auto trainer =
      TRY(train::Trainer::create(base, model.engine->pool(), std::move(adapter), plan.train));
  train::Run out(std::move(trainer), data, plan.run);
  if (plan.resume) TRY(out.resume());
  return out;
}

Result<ExitCode> train_lora(Context& context) {
  auto& console = context.console;
  const auto folder = TRY(out_folder(context));
  // Before the model starts its threads, which inherit it.
  ::setpriority(PRIO_PROCESS, 0, integer_or(context, "--nice", 10));
  auto model = TRY(load_model(context, context.settings.text("model")));
  auto plan = TRY(make_plan(context, *model.engine, folder));
  std::vector<fs::path> files;
  for (const auto& file : context.arguments.list("--data"))
    files.push_back(files::expand_home(file, context.paths.home));
  const auto data = TRY(train::read_data(files, model.engine->tokenizer(), plan.data));
  plan_steps(context, data, model::fingerprint(model.engine->model().reader()), plan);
  console.note(fmt::format("{} documents, {} tokens of which {} are to be predicted; {} kept apart",
                           terminal::thousands(data.report.n_documents),
                           terminal::thousands(data.report.n_tokens),
                           terminal::thousands(data.report.n_supervised),
                           terminal::thousands(data.report.n_validation)));
  if (const auto dropped = dropped_text(data.report); !dropped.empty())
    console.note(Paint::warning, dropped.substr(0, dropped.size() - 1));
  auto run = TRY(open_run(plan, model, data));
  TRY(make_private_folder(plan.folder));
  if (plan.resume) console.note(fmt::format("going on after step {}", run.n_steps_done()));
  Progress progress(console, plan.train.n_steps);
  TRY(go(context, run, progress));
  const train::RunLog& log = run.log();
  const auto report =
      train_report({model.name, plan.run.recipe, progress.seconds()}, data.report, log);
  if (!log.validations.empty() && log.best().step == 0) {
    std::error_code ignored;
    fs::remove(plan.run.checkpoint, ignored);
    return fail(ErrorCode::unsupported,
                "nothing was learnt that helps on the documents kept apart, so no adapter was "
                "written; give more data, a lower --lr or a smaller --rank");
  }
  TRY(write_results(plan, model, run.best(), log, report));
  console.answer(report.substr(0, report.find("\n\n") + 1));
  console.note(fmt::format("written to {}. Run: plmm chat --adapter {}",
                           files::shorten_home(plan.folder, context.paths.home),
                           files::shorten_home(plan.folder, context.paths.home)));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_train(Context& context) { return train_lora(context); }

}  // namespace plmm::cli
