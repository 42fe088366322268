// What `plmm bench loop` asks, and the made-up person who asks it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "eval/exam.h"
#include "personal/profile.h"

namespace plmm::suites {

inline constexpr std::string_view kGeneral = "general";    // any model knows it
inline constexpr std::string_view kPersonal = "personal";  // about the person: it stays here

struct LoopQuestion {
  std::string kind;         // kGeneral, kPersonal or the name of a preset
  eval::ExamQuestion exam;  // answers: aliases; none for a personal one
  std::string source;       // title of what the expert's documents say about it; may be empty
  bool is_for_expert() const { return kind != kGeneral && kind != kPersonal; }
};

struct LoopData {
  std::vector<LoopQuestion> questions;
  std::vector<std::pair<personal::Slot, std::string>> profile;

  /// The experts that are asked about, in the order of presets().
  std::vector<std::string> experts() const;
};

/// Reads testdata/loop/questions.jsonl and profile.json (testdata/loop/README.md), or what stands
/// in their place: a .json is a profile, anything else questions. corrupt_data names file and line,
/// and repeats none of the text; limit_exceeded; not_found.
Result<LoopData> read_loop_data(std::span<const std::filesystem::path> files);
/// The parts of it, for tests.
Result<std::vector<LoopQuestion>> parse_loop_questions(std::string_view jsonl);
Result<std::vector<std::pair<personal::Slot, std::string>>> parse_loop_profile(
    std::string_view json);

}  // namespace plmm::suites
