// Tables, bars and JSON of gaps and upgrades.
#include "apps/plmm/teacher_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/plmm/terminal/format.h"

namespace plmm::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTopicColumns = 36;
constexpr std::size_t kTopicsShown = 24;
constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kGapColumns = 10;
constexpr std::size_t kEvidenceIndent = 11;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::size_t share_of(std::size_t n, std::size_t n_all, std::size_t n_columns) {
  return n_all == 0 ? 0 : (2 * n * n_columns + n_all) / (2 * n_all);
}

std::string bar(std::size_t n, std::size_t n_all) {
  const auto full = share_of(n, n_all, kBarColumns);
  return std::string(full, '#') + std::string(kBarColumns - full, '-');
}

/// As many columns of a text in one line as there is room for.
std::string shortened(std::string_view text, std::size_t width) {
  if (terminal::columns(text) <= width) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (starts && terminal::columns(out) + 2 > width) break;
    out += text[i];
  }
  return out + "…";
}

std::string row(const teacher::TopicScore& one) {
  const auto n_wrong = one.score.n_asked - one.score.n_right;
  const std::string gap(share_of(n_wrong, one.score.n_asked, kGapColumns), '#');
  return fmt::format(
      "{}{:>5}   {:>5}   {:>4.2f}  {}\n",
      terminal::padded(shortened(one.topic.empty() ? "(no topic)" : one.topic, kTopicColumns),
                       kTopicColumns + 2),
      one.score.n_asked, one.score.n_right, 1.0 - one.score.share(), gap);
}

std::string wrapped(std::string_view label, std::string_view text) {
  auto out = terminal::wrap(text, kEvidenceIndent);
  out.replace(0, std::min(label.size(), out.size()), label);
  return out;
}

std::string evidence_text(const teacher::AskedQuestion& asked) {
  std::string out = wrapped(asked.is_right ? "right" : "gap", asked.exam.question);
  std::string answers;
  for (const auto& answer : asked.exam.answers) answers += (answers.empty() ? "" : " / ") + answer;
  out += wrapped("expected", answers);
  out += wrapped("said", asked.said);
  if (asked.passage) {
    out += wrapped("source", asked.passage->document + ", " + asked.passage->title + ": " +
                                 asked.passage->text);
  }
  return out;
}

std::string pair_of_bars(std::string_view label, const protocol::BeforeAfter& figures) {
  const auto line = [&](std::string_view what, std::string_view when, std::uint32_t n) {
    return fmt::format("{}{} {:>4} of {:<4} {}\n", terminal::padded(what, 26),
                       terminal::padded(when, 7), n, figures.n, bar(n, figures.n));
  };
  return line(label, "before", figures.n_before) + line("", "after", figures.n_after);
}

std::string_view stage_text(teacher::Stage stage) {
  switch (stage) {
    case teacher::Stage::comparing:
      return "comparing  passages of the source with the library";
    case teacher::Stage::adding:
      return "adding     passages to a copy of the library";
    case teacher::Stage::lessons:
      return "learning   from the questions that are not kept apart";
    case teacher::Stage::gaps:
      return "testing    all questions again";
    case teacher::Stage::exam:
      return "testing    the expert's own exam";
  }
  return "";
}

Json json_of(const protocol::BeforeAfter& figures) {
  return {{"n", figures.n}, {"n_before", figures.n_before}, {"n_after", figures.n_after}};
}

}  // namespace

void GapLine::show(const teacher::GapProgress& progress) {
  line_.show(fmt::format("passages {} · questions written {} · asked {} · right {}",
                         terminal::thousands(progress.n_passages),
                         terminal::thousands(progress.n_written), progress.n_asked,
                         progress.n_right));
}

StageLines::~StageLines() { end_line(); }

void StageLines::end_line() {
  if (drawn_) console_.draw("\n");
  drawn_ = false;
}

void StageLines::show(const teacher::UpgradeProgress& progress) {
  const bool is_new = static_cast<int>(progress.stage) != stage_;
  if (is_new) end_line();
  stage_ = static_cast<int>(progress.stage);
  const auto text = stage_text(progress.stage);
  if (!console_.can_redraw()) {
    if (is_new) console_.note(text);
    return;
  }
  drawn_ = true;
  console_.draw(fmt::format("\r\x1b[K{}  {} of {}", text, terminal::thousands(progress.n_done),
                            terminal::thousands(progress.n_total)));
}

std::string gaps_text(const teacher::GapsFile& gaps, Evidence evidence) {
  std::string out;
  if (evidence == Evidence::yes) {
    for (const auto& asked : gaps.questions) out += evidence_text(asked) + "\n";
  }
  out += terminal::padded("topic", kTopicColumns + 2) + "asked   right   gap\n";
  const auto topics = teacher::by_topic(gaps.questions);
  for (std::size_t i = 0; i < std::min(topics.size(), kTopicsShown); ++i) out += row(topics[i]);
  if (topics.size() > kTopicsShown) {
    out += fmt::format("… and {} more\n", topics.size() - kTopicsShown);
  }
  return out;
}

std::string gaps_json(const teacher::GapsFile& gaps, const teacher::GapReport& report) {
  Json questions = Json::array();
  for (const auto& asked : gaps.questions) {
    Json one{{"question", asked.exam.question},
             {"answers", asked.exam.answers},
             {"topic", asked.exam.topic},
             {"said", asked.said},
             {"right", asked.is_right}};
    if (asked.passage) {
      one["document"] = asked.passage->document;
      one["title"] = asked.passage->title;
      one["text"] = asked.passage->text;
    }
    questions.push_back(std::move(one));
  }
  Json rejected = Json::object();
  for (std::size_t i = 0; i < teacher::kRejections; ++i) {
    rejected[std::string(name(static_cast<teacher::Rejection>(i)))] = report.writing.n_rejected[i];
  }
  Json pairs = Json::array();
  for (const auto& one : report.writing.rejected) {
    pairs.push_back(
        {{"question", one.pair.question}, {"answer", one.pair.answer}, {"why", name(one.why)}});
  }
  const auto score = report.score();
  return dump({{"expert", gaps.expert},
               {"release", gaps.release},
               {"model", gaps.model},
               {"n_asked", score.n_asked},
               {"n_right", score.n_right},
               {"n_passages", report.n_passages},
               {"n_held", report.n_held},
               {"n_written", report.writing.n_written},
               {"n_rejected", std::move(rejected)},
               {"rejected", std::move(pairs)},
               {"questions", std::move(questions)}});
}

std::string writing_text(const teacher::GapReport& report) {
  const auto& writing = report.writing;
  if (writing.n_written == 0) return {};
  std::string out =
      fmt::format("questions written {}, kept after checking {}",
                  terminal::thousands(writing.n_written), terminal::thousands(writing.n_kept));
  for (std::size_t i = 0; i < teacher::kRejections; ++i) {
    if (writing.n_rejected[i] == 0) continue;
    out += fmt::format("\n  rejected {:>3}: {}", writing.n_rejected[i],
                       name(static_cast<teacher::Rejection>(i)));
  }
  return out;
}

std::string figures_text(const protocol::BeforeAfter& kept_apart,
                         const protocol::BeforeAfter& selected, const protocol::ExamFigures& exam) {
  auto out = pair_of_bars("questions kept apart", kept_apart);
  if (selected.n > 0) out += pair_of_bars("questions it learnt from", selected);
  if (exam.n == 0) return out + "the expert has no exam of its own: nothing else was tested\n";
  out += fmt::format("exam of {} questions: ", exam.n);
  if (exam.n_affected == 0) return out + "none is affected\n";
  return out + fmt::format("{} affected, of which {} right before and {} after\n", exam.n_affected,
                           exam.n_before, exam.n_after);
}

std::string upgrade_json(const teacher::Trial& trial, const std::string& expert,
                         std::uint32_t number, const std::string& objection, bool installed) {
  Json out{{"expert", expert},
           {"release", number},
           {"installed", installed},
           {"passages", trial.passages.size()},
           {"question_answer_pairs", trial.n_pairs},
           {"kept_apart", json_of(trial.kept_apart())},
           {"selected", json_of(trial.selected())},
           {"exam",
            {{"n", trial.exam.n},
             {"n_affected", trial.exam.n_affected},
             {"n_before", trial.exam.n_before},
             {"n_after", trial.exam.n_after}}}};
  if (!objection.empty()) out["objection"] = objection;
  return dump(out);
}

}  // namespace plmm::cli
