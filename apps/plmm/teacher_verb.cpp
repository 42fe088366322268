// plmm teacher: what an expert does not know, and the release that closes it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/plmm/expert_pupil.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/teacher_here.h"
#include "apps/plmm/teacher_report.h"
#include "apps/plmm/teacher_run.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/line_editor.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "base/narrow.h"
#include "eval/exam.h"
#include "expert/exam.h"
#include "expert/releases.h"

namespace plmm::cli {
namespace {

constexpr std::string_view kByPeople = "people";  // wrote the questions

std::string expert_name(const Context& context) { return context.arguments.text("NAME"); }

/// The sources that were named, as absolute paths: they are read again by a later upgrade.
std::vector<std::string> named_sources(const Context& context) {
  std::vector<std::string> out;
  for (const auto& path : context.arguments.list("--source")) {
    const auto expanded = files::expand_home(path, context.paths.home);
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(expanded, failed);
    out.push_back(failed ? expanded.string() : absolute.lexically_normal().string());
  }
  return out;
}

/// What gaps and upgrade work with.
struct Lesson {
  explicit Lesson(Context& context) : models(context) {}
  ExpertModels models;
  std::unique_ptr<ExpertHere> expert;
  protocol::ExpertCard card;
};

Result<std::unique_ptr<Lesson>> open_lesson(Context& context) {
  if (!context.arguments.has("NAME")) {
    return fail(ErrorCode::invalid_argument,
                "which expert? Run: plmm teacher gaps NAME --source PATH");
  }
  auto out = std::make_unique<Lesson>(context);
  out->expert = TRY(ExpertHere::open(context, out->models, expert_name(context)));
  out->card = TRY(out->expert->port().card());
  return out;
}

Result<ExpertPupil> open_pupil(Lesson& lesson) {
  infer::Embedder* const embedder = TRY(lesson.models.embedder());
  return ExpertPupil::create(lesson.expert->port(), text_embedder(*embedder));
}

Result<teacher::GapReport> ask_own_questions(Context& context, ExpertPupil& pupil) {
  const auto path = files::expand_home(context.arguments.text("--questions"), context.paths.home);
  const auto text = TRY(read_file(path, eval::kExamBytesMax));
  const auto questions = eval::read_exam(text);
  if (!questions)
    return fail(questions.error().code, path.string() + ": " + questions.error().what);
  if (questions->empty() || questions->size() > teacher::kGapQuestionsMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: 1 to {} questions are asked at a time", path.string(),
                            terminal::thousands(teacher::kGapQuestionsMax)));
  }
  GapLine line(context.console);
  return teacher::ask_all(
      *questions, pupil, [&](const auto& progress) { line.show(progress); }, terminal::interrupt());
}

Result<teacher::GapReport> ask_about_sources(Context& context, Lesson& lesson, ExpertPupil& pupil,
                                             teacher::GapsFile& gaps) {
  if (gaps.sources.empty()) {
    return fail(ErrorCode::invalid_argument,
                "what should it be asked about? Add: --source PATH (what it ought to know) or "
                "--questions FILE");
  }
  const auto source = TRY(read_sources(context, gaps.sources));
  const auto backend = TRY(open_backend(context, lesson.models));
  gaps.model = backend->name();
  teacher::GapOptions options;
  options.n_questions = command::to_integer(
      context.arguments.has("--n") ? context.arguments.text("--n") : std::string("20"));
  options.seed = context.settings.integer("seed");
  options.known =
      context.arguments.has("--keep-known") ? teacher::Known::keep : teacher::Known::drop;
  GapLine line(context.console);
  return teacher::find_gaps(
      source, *backend, pupil, options, [&](const auto& progress) { line.show(progress); },
      terminal::interrupt());
}

struct Found {
  teacher::GapsFile gaps;
  teacher::GapReport report;
};

/// Looks for gaps as the options say, and keeps what was found.
Result<Found> find(Context& context, Lesson& lesson, ExpertPupil& pupil) {
  Found out;
  out.gaps.expert = lesson.card.name;
  out.gaps.release = lesson.card.release;
  out.gaps.model = kByPeople;
  out.gaps.made_ms = now_ms();
  out.gaps.sources = named_sources(context);
  out.report = context.arguments.has("--questions")
                   ? TRY(ask_own_questions(context, pupil))
                   : TRY(ask_about_sources(context, lesson, pupil, out.gaps));
  out.gaps.questions = out.report.questions;
  TRY(save_gaps(context, out.gaps));
  return out;
}

void print_writing(Console& console, const teacher::GapReport& report) {
  if (report.n_passages > 0) {
    console.note(fmt::format("passages looked at {}: {} in the library already, {} too short",
                             terminal::thousands(report.n_passages),
                             terminal::thousands(report.n_held),
                             terminal::thousands(report.n_short)));
  }
  const auto text = writing_text(report);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    console.note(text.substr(at, end - at));
    at = end + 1;
  }
}

Result<ExitCode> gaps(Context& context) {
  const auto lesson = TRY(open_lesson(context));
  auto pupil = TRY(open_pupil(*lesson));
  const auto found = TRY(find(context, *lesson, pupil));
  auto& console = context.console;
  if (context.arguments.has("--json")) {
    console.data(gaps_json(found.gaps, found.report));
    return ExitCode::ok;
  }
  print_writing(console, found.report);
  if (found.gaps.questions.empty()) {
    console.note(found.report.n_held + found.report.n_short == found.report.n_passages
                     ? "no gap: the library holds all that the source says"
                     : "no question held; another --source, a better --model or --n may help");
    return ExitCode::ok;
  }
  const bool evidence = context.arguments.has("--evidence");
  console.answer(gaps_text(found.gaps, evidence ? Evidence::yes : Evidence::no));
  const auto score = found.report.score();
  console.note(fmt::format("{} of {} questions are gaps of {}, release {}",
                           score.n_asked - score.n_right, score.n_asked, found.gaps.expert,
                           found.gaps.release));
  if (!evidence) console.note(Paint::quiet, "what it said, and what the source says: --evidence");
  if (score.n_right < score.n_asked) {
    console.note(fmt::format("Run: plmm teacher upgrade {}{}", found.gaps.expert,
                             found.gaps.sources.empty() ? " --source PATH" : ""));
  }
  return ExitCode::ok;
}

/// The last gaps, or new ones where other questions or sources are named, or the expert has changed
/// since.
Result<teacher::GapsFile> gaps_for_upgrade(Context& context, Lesson& lesson, ExpertPupil& pupil) {
  const auto sources = named_sources(context);
  if (!context.arguments.has("--questions")) {
    auto last = load_gaps(context, lesson.card.name);
    const bool is_usable =
        last && (sources.empty() || last->sources.empty() || last->sources == sources);
    if (is_usable) {
      if (last->sources.empty()) last->sources = sources;
      if (last->release == lesson.card.release) return last;
      context.console.note(fmt::format(
          "the expert has changed since: asking the {} questions again", last->questions.size()));
      GapLine line(context.console);
      for (auto& asked : last->questions) {
        const auto again =
            TRY(teacher::ask_all(std::span(&asked.exam, 1), pupil, nullptr, terminal::interrupt()));
        asked.said = again.questions.front().said;
        asked.is_right = again.questions.front().is_right;
      }
      last->release = lesson.card.release;
      TRY(save_gaps(context, *last));
      return last;
    }
    if (sources.empty()) return last;  // its error
  }
  auto found = TRY(find(context, lesson, pupil));
  print_writing(context.console, found.report);
  return std::move(found.gaps);
}

enum class Wanted : std::uint8_t { yes, no };

Result<Wanted> ask_person(Context& context, const protocol::Release& release) {
  if (context.arguments.has("--yes")) return Wanted::yes;
  if (!context.console.input_is_terminal()) return Wanted::no;
  const auto editor = terminal::LineEditor::create({}, context.console);
  const auto input =
      editor->read(fmt::format("take it as release {}?  [y]es  [n]o  > ", release.number));
  const bool yes = input.end == terminal::InputEnd::line && input.text.starts_with('y');
  return yes ? Wanted::yes : Wanted::no;
}

void print_trial(Console& console, const teacher::Trial& trial) {
  console.note(fmt::format(
      "passages {}{}; left out {} that the library holds{}",
      terminal::thousands(trial.passages.size()),
      trial.n_pairs == 0 ? ""
                         : fmt::format(", {} of them a question with its answer", trial.n_pairs),
      terminal::thousands(trial.n_held),
      trial.n_left_out == 0
          ? ""
          : fmt::format(", and {} over the limits", terminal::thousands(trial.n_left_out))));
  console.answer(figures_text(trial.kept_apart(), trial.selected(), trial.exam));
}

Result<teacher::Trial> run_trial(Context& context, Lesson& lesson, teacher::GapsFile& gaps) {
  auto pupil = TRY(open_pupil(lesson));
  gaps = TRY(gaps_for_upgrade(context, lesson, pupil));
  if (gaps.sources.empty()) {
    return fail(ErrorCode::invalid_argument,
                "from which source should it learn? Add: --source PATH");
  }
  const auto source = TRY(read_sources(context, gaps.sources));
  const auto exam = TRY(expert::load_exam(lesson.expert->port().library().folder()));
  StageLines lines(context.console);
  return teacher::try_upgrade(
      gaps.questions, source, exam, pupil, {}, [&](const auto& progress) { lines.show(progress); },
      terminal::interrupt());
}

Result<ExitCode> refuse(Context& context, const teacher::Trial& trial, const std::string& why) {
  if (context.arguments.has("--json")) {
    context.console.data(upgrade_json(trial, expert_name(context), 0, why, false));
  }
  context.console.error(
      {ErrorCode::invalid_argument, "no release: " + why + ". Nothing was changed"});
  return ExitCode::failed;
}

Result<ExitCode> upgrade(Context& context) {
  const auto lesson = TRY(open_lesson(context));
  teacher::GapsFile gaps;
  const auto trial = TRY(run_trial(context, *lesson, gaps));
  auto& console = context.console;
  const bool json = context.arguments.has("--json");
  if (!json) print_trial(console, trial);
  if (const auto why = teacher::objection(trial); !why.empty()) return refuse(context, trial, why);

  const auto local = teacher_here(context);
  const auto key = TRY(local.key());
  const auto release = TRY(teacher::make_release(
      trial, {.card = lesson->card, .model = gaps.model, .now_ms = now_ms()}, key));
  TRY(local.keep(release));
  const auto wanted = TRY(ask_person(context, release));
  if (wanted == Wanted::yes) {
    infer::Embedder* const embedder = TRY(lesson->models.embedder());
    TRY(expert::install_release(TRY(expert_folder(context, release.expert)),
                                text_embedder(*embedder), release));
  }
  if (json) {
    console.data(upgrade_json(trial, release.expert, release.number, {}, wanted == Wanted::yes));
  } else if (wanted == Wanted::yes) {
    console.note(Paint::good, fmt::format("{} is now release {}, signed {}. undo: plmm expert "
                                          "rollback {}",
                                          release.expert, release.number,
                                          crypto::to_hex(protocol::digest_of(release)).substr(0, 8),
                                          release.expert));
  } else {
    console.note(fmt::format("release {} is signed and not taken. Take it: plmm expert update {}",
                             release.number, release.expert));
  }
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_teacher(Context& context) {
  const auto action = context.arguments.text("ACTION");
  if (action == "run") return run_teacher_service(context);
  return action == "upgrade" ? upgrade(context) : gaps(context);
}

}  // namespace plmm::cli
