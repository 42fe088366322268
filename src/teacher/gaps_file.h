// What a search for gaps has found, kept for the upgrade and for a person to look at.
// docs/formats/teacher.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "teacher/gaps.h"

namespace plmm::teacher {

inline constexpr std::size_t kGapsBytesMax = 32 << 20;
inline constexpr std::size_t kGapQuestionsMax = protocol::kReleaseQuestionsMax;
inline constexpr std::size_t kSourcesMax = 256;
inline constexpr std::size_t kSourcePathBytesMax = 4'096;
inline constexpr std::size_t kSaidBytesMax = protocol::kAnswerBytesMax;

struct GapsFile {
  std::string expert;
  std::uint32_t release = 1;         // of the expert when it was asked
  std::string model;                 // that wrote the questions; "people"
  std::int64_t made_ms = 0;          // since 1970, UTC
  std::vector<std::string> sources;  // where the passages came from, to be read again
  std::vector<AskedQuestion> questions;
  bool operator==(const GapsFile&) const = default;
};

/// One line for the file, then one for each question; keys in the order of their bytes. The error
/// of a limit.
Result<std::string> write_gaps(const GapsFile& gaps);
/// corrupt_data, limit_exceeded or unsupported (a newer version) name the line, never its text.
Result<GapsFile> read_gaps(std::string_view jsonl);

}  // namespace plmm::teacher
