// A file's metadata compared with the student, then a pass over the data.
#include "apps/plmm/train_teacher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/progress.h"
#include "apps/plmm/terminal/signals.h"
#include "catalog/catalog.h"
#include "gguf/reader.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "train/teacher.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;

/// Raised by every change of what the labels of the same teacher, data and options would be.
constexpr int kLabelsVersion = 1;

/// The line that moves while a teacher reads.
class ReadingLine {
 public:
  ReadingLine(Console& console, const train::TrainingData& data, std::size_t n_done)
      : console_(console) {
    std::uint64_t n = 0;
    tokens_behind_.push_back(0);
    for (const auto* sequences : {&data.training, &data.validation}) {
      for (const auto& sequence : *sequences) tokens_behind_.push_back(n += sequence.tokens.size());
    }
    first_ = tokens_behind_[n_done];
    show(n_done);
  }
  ReadingLine(const ReadingLine&) = delete;
  ReadingLine& operator=(const ReadingLine&) = delete;
  ~ReadingLine() {
    if (console_.can_redraw()) console_.draw("\r\x1b[K");
  }

  void show(std::size_t n_done) {
    const std::uint64_t done = tokens_behind_[n_done];
    rate_.add(seconds(), done);
    if (!console_.can_redraw()) return;
    auto line = "teacher " +
                terminal::count_progress_text(done, tokens_behind_.back(), "tokens", rate_.per_s());
    if (rate_.per_s() > 0) line += fmt::format("  {:.0f} tok/s", rate_.per_s());
    console_.draw("\r\x1b[K" + line);
  }
  std::uint64_t n_read() const { return tokens_behind_.back() - first_; }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Console& console_;
  std::vector<std::uint64_t> tokens_behind_;  // [sequences + 1]: of the first i
  std::uint64_t first_ = 0;
  terminal::RateMeter rate_;
  Clock::time_point start_ = Clock::now();
};

Result<std::unique_ptr<infer::Engine>> load_teacher(const Context& context,
                                                    const TeacherFile& teacher,
                                                    const infer::Engine& student) {
  infer::LoadOptions options;
  options.tier = std::string(student.tier());
  options.threads_of = &student;
  if (context.settings.boolean("packed_weights"))
    options.packed_folder = packed_folder(context.paths);
  return infer::Engine::load(teacher.path, options);
}

Result<> make_labels(Context& context, const TrainPlan& plan, const TeacherFile& teacher,
                     RunningModel& student, const train::TrainingData& data, int n_vocabulary,
                     train::LabelFile& file) {
  auto& console = context.console;
  const auto engine = TRY(load_teacher(context, teacher, *student.engine));
  auto reader = TRY(train::Teacher::create(engine->model(), engine->pool(), plan.distill->labels,
                                           plan.train.n_tokens_max, n_vocabulary));
  Result<> done;
  std::string read;
  {
    ReadingLine line(console, data, file.n_done());
    done = train::label_all(
        reader, data, plan.train.seed, file, [&](std::size_t n) { line.show(n); },
        terminal::interrupt());
    read = fmt::format("{} read {} tokens in {}", teacher.name, terminal::thousands(line.n_read()),
                       terminal::duration_text(line.seconds()));
  }
  if (!done && done.error().code == ErrorCode::cancelled) {
    return fail(ErrorCode::cancelled,
                fmt::format("stopped while the teacher was reading; what it said of {} of {} "
                            "sequences is kept. Run: {}",
                            file.n_done(), data.training.size() + data.validation.size(),
                            resume_command(context)));
  }
  if (done) console.note(read);
  return done;
}

}  // namespace

Result<TeacherFile> find_teacher(Context& context, const std::string& name,
                                 const RunningModel& student) {
  const auto path = TRY(find_model(context.settings, name));
  const auto reader = TRY(gguf::Reader::open(path));
  const auto theirs = TRY(model::summarise(reader));
  const auto ours = TRY(model::summarise(student.engine->model().reader()));
  const auto vocabulary = TRY(model::read_vocabulary(reader));
  const auto tokenizer = TRY(text::Tokenizer::create(vocabulary));
  TRY(train::check_same_tokens(*tokenizer, student.engine->tokenizer()));
  if (theirs.n_parameters < ours.n_parameters) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the teacher {} has {} million weights, the student {} {} million: "
                            "give the larger one to --teacher, the smaller one to --model",
                            name, theirs.n_parameters / 1'000'000, student.name,
                            ours.n_parameters / 1'000'000));
  }
  return TeacherFile{name, path, model::fingerprint(reader)};
}

Result<train::LabelFile> find_or_make_labels(Context& context, const TrainPlan& plan,
                                             const TeacherFile& teacher, RunningModel& student,
                                             const train::TrainingData& data) {
  const auto reader = TRY(gguf::Reader::open(teacher.path));
  const auto summary = TRY(model::summarise(reader));
  const int n_vocabulary =
      std::min(summary.config.n_vocabulary, student.engine->model().config().n_vocabulary);
  const auto& labels = plan.distill->labels;
  train::LabelPlan wanted;
  wanted.key = fmt::format(
      "version {} teacher {} data {} vocabulary {} top {} draws {} "
      "temperature {:.9g} seed {}",
      kLabelsVersion, teacher.fingerprint, data.fingerprint, n_vocabulary, labels.n_top,
      labels.n_draws, labels.temperature, plan.train.seed);
  wanted.n_rows = train::rows_of(data);
  wanted.n_vocabulary = n_vocabulary;
  const fs::path path = plan.folder / kLabelsName;
  std::error_code ignored;
  const bool is_there = fs::exists(path, ignored);
  auto file = TRY(train::LabelFile::open(path, std::move(wanted)));
  if (is_there && file.n_done() == 0) {
    context.console.note(Paint::warning,
                         "what a teacher said before is of other data or options, or damaged: it "
                         "reads anew");
  }
  if (file.n_done() > 0) {
    context.console.note(fmt::format("the teacher has read {} of {} sequences before",
                                     file.n_done(), data.training.size() + data.validation.size()));
  }
  if (!file.is_whole()) TRY(make_labels(context, plan, teacher, student, data, n_vocabulary, file));
  return file;
}

}  // namespace plmm::cli
