// plmm train: chats and texts in, an adapter out; with a teacher or without.
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
#include "apps/plmm/train_plan.h"
#include "apps/plmm/train_report.h"
#include "apps/plmm/train_teacher.h"
#include "apps/plmm/yielding.h"
#include "base/file.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "train/run.h"
#include "train/teacher.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kCheckpointEvery_s = 20;  // what a power cut may cost

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

void remove_unfinished(const TrainPlan& plan) {
  std::error_code ignored;
  fs::remove(plan.run.checkpoint, ignored);
  fs::remove(plan.folder / kLabelsName, ignored);
}

/// Adapter, curve and report; then the checkpoint goes.
Result<> write_results(const TrainPlan& plan, const RunningModel& model, model::LoraAdapter adapter,
                       const train::RunLog& log, const Taught* taught, const std::string& report) {
  const model::Model& base = model.engine->model();
  adapter.base_fingerprint = model::fingerprint(base.reader());
  TRY(model::save_gguf_lora(adapter, base.config(), plan.folder / "adapter.gguf", model.name));
  TRY(write_file_atomically(plan.folder / "learning-curve.svg", learning_curve(log, taught)));
  TRY(write_file_atomically(plan.folder / "report.txt", report));
  TRY(model::save_peft(adapter, plan.folder, model.name));
  remove_unfinished(plan);
  return {};
}

Result<> go(Context& context, train::Run& run, const Taught* taught, Progress& progress) {
  double saved_s = 0;
  std::optional<Yielding> yielding;
  if (context.arguments.has("--when-idle")) yielding.emplace(context);
  train::RunEvents events;
  events.on_step = [&](const train::StepReport& report, const train::RunLog&) {
    progress.step(report);
    if (yielding) yielding->pause_while_needed();
  };
  events.on_validation = [&](const train::RunLog& log) {
    progress.look(log);
    if (taught == nullptr || log.validations.size() > 1) return;
    const double loss = log.validations.front().loss;
    if (train::gap_closed(loss, loss, taught->loss_apart)) return;
    context.console.note(Paint::warning,
                         "the teacher predicts what was kept apart no better than the model alone: "
                         "a larger one may teach more");
  };
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

Result<train::Run> open_run(const TrainPlan& plan, RunningModel& model,
                            const train::TrainingData& data) {
  const model::Model& base = model.engine->model();
  Rng rng(plan.train.seed);
  auto adapter = TRY(model::create_lora(base.config(), plan.lora, rng));
  auto trainer =
      TRY(train::Trainer::create(base, model.engine->pool(), std::move(adapter), plan.train));
  train::Run out(std::move(trainer), data, plan.run);
  if (plan.resume) TRY(out.resume());
  return out;
}

Result<train::TrainingData> read_training_data(Context& context, const TrainPlan& plan,
                                               const infer::Engine& engine) {
  std::vector<fs::path> files;
  for (const auto& file : context.arguments.list("--data"))
    files.push_back(files::expand_home(file, context.paths.home));
  auto out = TRY(train::read_data(files, engine.tokenizer(), plan.data));
  if (out.report.are_pairs && plan.distill) {
    return fail(ErrorCode::invalid_argument,
                "a teacher says what comes next, not which of two answers is better: learn from "
                "pairs by plmm train lora");
  }
  auto& console = context.console;
  console.note(fmt::format("{} {}, {} tokens of which {} are to be predicted; {} kept apart",
                           terminal::thousands(out.report.n_documents),
                           out.report.are_pairs ? "pairs of answers" : "documents",
                           terminal::thousands(out.report.n_tokens),
                           terminal::thousands(out.report.n_supervised),
                           terminal::thousands(out.report.n_validation)));
  if (const auto dropped = dropped_text(out.report); !dropped.empty())
    console.note(Paint::warning, dropped.substr(0, dropped.size() - 1));
  return out;
}

/// What the teacher says goes into the data, which must not outlive the file of its labels.
Result<Taught> teach(Context& context, const TrainPlan& plan, const TeacherFile& teacher,
                     train::LabelFile& file, train::TrainingData& data) {
  const auto labels = TRY(file.labels());
  train::teach(labels, plan.distill->share, plan.distill->labels.temperature, data);
  const Taught out{teacher.name, train::loss_apart(labels, data)};
  if (!data.validation.empty()) {
    context.console.note(
        fmt::format("{}: loss on what was kept apart {:.4f}", teacher.name, out.loss_apart));
  }
  return out;
}

/// Writes what came of the run and says so.
Result<> finish(Context& context, const TrainPlan& plan, const RunningModel& model,
                const train::Run& run, const train::DataReport& data, const Taught* taught,
                double seconds) {
  const train::RunLog& log = run.log();
  const auto report = train_report({model.name, plan.run.recipe, seconds}, data, log, taught);
  if (!log.validations.empty() && log.best().step == 0) {
    remove_unfinished(plan);
    return fail(ErrorCode::unsupported,
                "nothing was learnt that helps on the documents kept apart, so no adapter was "
                "written; give more data, a lower --lr or a smaller --rank");
  }
  TRY(write_results(plan, model, run.best(), log, taught, report));
  context.console.answer(report.substr(0, report.find("\n\n") + 1));
  const auto folder = files::shorten_home(plan.folder, context.paths.home);
  context.console.note(fmt::format("written to {}. Run: plmm chat --adapter {}", folder, folder));
  return {};
}

Result<ExitCode> train_adapter(Context& context) {
  auto& console = context.console;
  const auto folder = TRY(check_train_options(context));
  // Before the model starts its threads, which inherit it.
  ::setpriority(PRIO_PROCESS, 0, context.arguments.integer_or("--nice", 10));
  auto model = TRY(load_model(context, context.settings.text("model")));
  auto plan = TRY(make_train_plan(context, *model.engine, folder));
  std::optional<TeacherFile> teacher;
  if (plan.distill) teacher = TRY(find_teacher(context, plan.distill->teacher, model));
  auto data = TRY(read_training_data(context, plan, *model.engine));
  plan_steps(context, data,
             {model::fingerprint(model.engine->model().reader()),
              teacher ? teacher->fingerprint : std::string()},
             plan);
  auto run = TRY(open_run(plan, model, data));
  TRY(make_private_folder(plan.folder));
  std::optional<train::LabelFile> labels;
  std::optional<Taught> taught;
  if (teacher) {
    labels = TRY(find_or_make_labels(context, plan, *teacher, model, data));
    taught = TRY(teach(context, plan, *teacher, *labels, data));
  }
  if (plan.resume) console.note(fmt::format("going on after step {}", run.n_steps_done()));
  Progress progress(console, plan.train.n_steps);
  const Taught* by = taught ? &*taught : nullptr;
  TRY(go(context, run, by, progress));
  TRY(finish(context, plan, model, run, data.report, by, progress.seconds()));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_train(Context& context) { return train_adapter(context); }

}  // namespace plmm::cli
