// What `plmm bench loop` works on: questions, the made-up person who asks them, and documents with
// gaps planted in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "eval/exam.h"
#include "personal/profile.h"
#include "reader/documents.h"

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

/// A part of a document: what stands under one heading.
struct Section {
  std::string title;
  std::string text;
  bool operator==(const Section&) const = default;
};
struct Planted {
  std::vector<Section> kept;      // what the expert gets
  std::vector<Section> withheld;  // what it lacks, and a teacher could find
};

/// Cuts documents into sections and withholds `n` of them: of a length that something can be asked
/// about (30 to 400 words), of a title that occurs once, and none that a question is about or that
/// says one of its answers. Which ones is chance, but the same for the same documents and seed.
class GapPlanter {
 public:
  void add(const reader::Document& document);
  Result<Planted> plant(std::size_t n, std::uint64_t seed,
                        std::span<const LoopQuestion> questions) &&;

 private:
  std::vector<Section> sections_;
  std::map<std::string, std::size_t, std::less<>> n_of_title_;
};

/// As documents.h reads it: {"title", "text"} in each line.
std::string sections_jsonl(std::span<const Section> sections);

}  // namespace plmm::suites
