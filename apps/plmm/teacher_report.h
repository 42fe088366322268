// What a teacher has found and done, for a person's eyes and for programs.
#pragma once

#include <string>

#include "apps/plmm/terminal/console.h"
#include "apps/plmm/terminal/moving_line.h"
#include "protocol/release.h"
#include "teacher/gaps.h"
#include "teacher/gaps_file.h"
#include "teacher/upgrade.h"

namespace plmm::cli {

/// The line that is drawn over while a search for gaps goes on.
class GapLine {
 public:
  explicit GapLine(terminal::Console& console) : line_(console) {}
  void show(const teacher::GapProgress& progress);

 private:
  terminal::MovingLine line_;
};

/// One line for each stage of an upgrade; on a terminal it counts.
class StageLines {
 public:
  explicit StageLines(terminal::Console& console) : console_(console) {}
  ~StageLines();
  void show(const teacher::UpgradeProgress& progress);

 private:
  void end_line();
  terminal::Console& console_;
  int stage_ = -1;
  bool drawn_ = false;
};

enum class Evidence : std::uint8_t { no, yes };

/// The table of topics and, as evidence, question by question what was said and what the source
/// says.
std::string gaps_text(const teacher::GapsFile& gaps, Evidence evidence);
std::string gaps_json(const teacher::GapsFile& gaps, const teacher::GapReport& report);
/// "rejected 12: 5 answer not in the passage · …"; empty when none was written.
std::string writing_text(const teacher::GapReport& report);

/// "kept apart  before  0 of 10  ----------" and so on, and what became of the exam.
std::string figures_text(const protocol::BeforeAfter& kept_apart,
                         const protocol::BeforeAfter& selected, const protocol::ExamFigures& exam);
/// `number`: of the release; 0 where there is none, and then `objection` says why.
std::string upgrade_json(const teacher::Trial& trial, const std::string& expert,
                         std::uint32_t number, const std::string& objection, bool installed);

}  // namespace plmm::cli
