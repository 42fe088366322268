// A file's metadata compared with the student, then a pass over the data.
#include "apps/plmm/train_teacher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
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

/// Tokens of the first i sequences, in the order in which a teacher reads them.
std::vector<std::uint64_t> tokens_before(const train::TrainingData& data) {
  std::vector<std::uint64_t> out{0};
  for (const auto* sequences : {&data.training, &data.validation}) {
    for (const auto& sequence : *sequences) out.push_back(out.back() + sequence.tokens.size());
  }
  return out;
}

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
                     RunningModel& student, const train::TrainingData& data,
                     train::LabelFile& file) {
  auto& console = context.console;
  const auto engine = TRY(load_teacher(context, teacher, *student.engine));
  auto reader = TRY(train::Teacher::create(engine->model(), engine->pool(), plan.distill->labels,
                                           plan.train.n_tokens_max, teacher.n_vocabulary));
  const auto before = tokens_before(data);
  const std::uint64_t first = before[file.n_done()];
  const auto start = std::chrono::steady_clock::now();
  terminal::MovingLine line(console);
  const auto show = [&](std::size_t n_done) {
    line.count(before[n_done], before.back(), "tokens read by the teacher");
  };
  show(file.n_done());
  const auto done =
      train::label_all(reader, data, plan.train.seed, file, show, terminal::interrupt());
  line.clear();
  if (!done && done.error().code == ErrorCode::cancelled) {
    return fail(ErrorCode::cancelled,
                fmt::format("stopped while the teacher was reading; what it said of {} of {} "
                            "sequences is kept. Run: {}",
                            file.n_done(), data.training.size() + data.validation.size(),
                            resume_command(context)));
  }
  if (!done) return done;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  console.note(fmt::format("{} read {} tokens in {}", teacher.name,
                           terminal::thousands(before.back() - first),
                           terminal::duration_text(time.count())));
  return {};
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
  return TeacherFile{name, path, model::fingerprint(reader),
                     std::min(theirs.config.n_vocabulary, ours.config.n_vocabulary)};
}

Result<train::LabelFile> find_or_make_labels(Context& context, const TrainPlan& plan,
                                             const TeacherFile& teacher, RunningModel& student,
                                             const train::TrainingData& data) {
  const auto& labels = plan.distill->labels;
  train::LabelPlan wanted;
  wanted.key = fmt::format(
      "version {} teacher {} data {} vocabulary {} top {} draws {} "
      "temperature {:.9g} seed {}",
      kLabelsVersion, teacher.fingerprint, data.fingerprint, teacher.n_vocabulary, labels.n_top,
      labels.n_draws, labels.temperature, plan.train.seed);
  wanted.n_rows = train::rows_of(data);
  wanted.n_vocabulary = teacher.n_vocabulary;
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
  if (!file.is_whole()) TRY(make_labels(context, plan, teacher, student, data, file));
  return file;
}

}  // namespace plmm::cli
