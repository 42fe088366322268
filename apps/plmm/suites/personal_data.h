// Conversations of a person over months, and questions about what was said in them; the format is
// in testdata/personal/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "personal/memory.h"

namespace plmm::suites {

inline constexpr std::size_t kPersonalFileBytesMax = 64 << 20;

struct SpokenTurn {
  std::string id;
  std::int64_t session = 0;
  std::string said;
  std::string answer;
};
/// As memory keeps it when it is said now.
personal::Turn said_now(const SpokenTurn& turn);

struct MemoryQuestion {
  std::string text;
  std::string kind;
  std::vector<std::string> evidence;  // ids of turns, any of which will do; never empty
};
struct PersonalData {
  std::vector<SpokenTurn> turns;  // in the order in which they were said
  std::vector<MemoryQuestion> questions;
};

/// One person's file. Also understands files in which two people talk to each other: lists
/// "session_1", "session_2", … of {"speaker", "dia_id", "text"}, and "qa"; each of their lines is a
/// turn. Questions without evidence are left out. corrupt_data for other files.
Result<PersonalData> parse_personal_data(std::string_view json);

}  // namespace plmm::suites
