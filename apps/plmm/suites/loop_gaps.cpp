// Planted gaps: the teacher looks for them and teaches, the expert is asked again.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apps/plmm/expert_pupil.h"
#include "apps/plmm/suites/loop_bench.h"
#include "apps/plmm/teacher_here.h"
#include "apps/plmm/terminal/printable.h"
#include "apps/plmm/terminal/signals.h"
#include "expert/exam.h"
#include "teacher/gaps.h"
#include "teacher/upgrade.h"

namespace plmm::suites {
namespace {

constexpr double kShareMin = 0.8;
constexpr double kPointsLostMax = 1;
constexpr std::uint64_t kSeed = 1;

std::set<std::string> titles_of_gaps(const teacher::GapReport& report) {
  std::set<std::string> out;
  for (const auto& asked : report.questions) {
    if (!asked.is_right && asked.passage) out.insert(asked.passage->document);
  }
  return out;
}

/// In one line.
std::string answer_text(std::string said) {
  std::ranges::replace(said, '\n', ' ');
  return terminal::printable(said);
}

/// The documents are public, so that questions and answers may be shown.
void tell_not_found(const LoopBench& bench, const std::string& name,
                    const std::vector<Section>& withheld, const teacher::GapReport& report) {
  const auto found = titles_of_gaps(report);
  for (const auto& [title, text] : withheld) {
    if (found.contains(title)) continue;
    bench.note(fmt::format("{}: not found: {}", name, title));
    for (const auto& asked : report.questions) {
      if (!asked.passage || asked.passage->document != title) continue;
      bench.note(
          fmt::format("  asked '{}', said '{}'", asked.exam.question, answer_text(asked.said)));
    }
  }
}

void tell_not_answered(const LoopBench& bench, const std::string& name,
                       const teacher::Trial& trial) {
  for (const auto& question : trial.questions) {
    if (question.right_before || question.right_after) continue;
    bench.note(
        fmt::format("{}: still failed, {}: '{}', not '{}'", name,
                    question.use == protocol::QuestionUse::kept_apart ? "kept apart" : "selected",
                    question.question, fmt::join(question.answers, "' or '")));
  }
}

eval::Score mended(const teacher::Trial& trial, bool kept_apart_only) {
  eval::Score out;
  for (const auto& question : trial.questions) {
    if (question.right_before) continue;
    if (kept_apart_only && question.use != protocol::QuestionUse::kept_apart) continue;
    ++out.n_asked;
    out.n_right += question.right_after ? 1 : 0;
  }
  return out;
}

void report_trial(const LoopBench& bench, const std::string& name, const teacher::Trial& trial) {
  const auto all = mended(trial, false), apart = mended(trial, true);
  bench.at_least("gaps_answered/" + name, all.share(), "", kShareMin,
                 fmt::format("{} of {} after the upgrade; of those kept apart from it, {} of {}",
                             all.n_right, all.n_asked, apart.n_right, apart.n_asked));
  const auto& exam = trial.exam;
  const double lost = exam.n == 0 ? 0
                                  : 100.0 * (static_cast<double>(exam.n_before) - exam.n_after) /
                                        static_cast<double>(exam.n);
  bench.at_most("points_lost/" + name, std::max(lost, 0.0), "points", kPointsLostMax,
                fmt::format("of {} other questions; {} read other passages, {} of these right "
                            "before and {} after",
                            exam.n, exam.n_affected, exam.n_before, exam.n_after));
}

}  // namespace

Result<> measure_gaps(LoopBench& bench, const std::string& name,
                      const std::vector<Section>& withheld) {
  // Each section is a document of its own, so that one sees which were found.
  teacher::Source source;
  for (const auto& [title, text] : withheld) TRY(source.add(title, title, text));
  const auto expert = TRY(cli::ExpertHere::open(bench.context, bench.models, name));
  infer::Embedder* const embedder = TRY(bench.models.embedder());
  auto pupil = TRY(cli::ExpertPupil::create(expert->port(), cli::text_embedder(*embedder)));
  const auto backend = TRY(cli::open_backend(bench.context, bench.models));
  bench.note(fmt::format("{}: {} looks for {} gaps", name, backend->name(), withheld.size()));
  teacher::GapOptions options;
  // More questions than sections, so that those that show no gap are asked about again.
  options.n_questions = 2 * withheld.size();
  options.seed = kSeed;
  options.known = teacher::Known::keep;
  const auto report =
      TRY(teacher::find_gaps(source, *backend, pupil, options, nullptr, terminal::interrupt()));
  const std::size_t n_found = titles_of_gaps(report).size();
  bench.at_least("gaps_found/" + name,
                 static_cast<double>(n_found) / static_cast<double>(withheld.size()), "", kShareMin,
                 fmt::format("{} of {} planted sections, by {} questions", n_found, withheld.size(),
                             report.questions.size()));
  tell_not_found(bench, name, withheld, report);
  bench.note(fmt::format("{}: trying an upgrade", name));
  const auto exam = TRY(expert::load_exam(expert->port().library().folder()));
  const auto trial = teacher::try_upgrade(report.questions, source, exam, pupil, {}, nullptr,
                                          terminal::interrupt());
  if (!trial) return std::unexpected(trial.error());
  report_trial(bench, name, *trial);
  tell_not_answered(bench, name, *trial);
  if (const auto why = teacher::objection(*trial); !why.empty())
    bench.note(fmt::format("{}: it would be no release: {}", name, why));
  return {};
}

}  // namespace plmm::suites
