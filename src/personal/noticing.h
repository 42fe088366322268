// What somebody tells about themselves, read off their own words by rules: no model takes part.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "personal/profile.h"

namespace plmm::personal {

/// A longer turn was most likely pasted: it is not read.
inline constexpr std::size_t kNoticedBytesMax = 2'000;

/// Bytes [begin, end) of what was said.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Span&) const = default;
};

struct Noticed {
  Slot slot{};
  Span value;          // "Porto"
  Span quote;          // the words that say so, with the value in them: "I live in Porto"
  bool ended = false;  // "I don't live in Porto anymore"
};

/// Statements in the first person, in the order in which they stand, each once. Not what is asked,
/// supposed or wished, what somebody else is said to have said, what stands in quotation marks, in
/// a line that is quoted or behind one that announces a text, and nothing of a turn that is a task
/// ("translate …") or a joke. Made to be right rather than complete; English wording.
std::vector<Noticed> notice(std::string_view said);

}  // namespace plmm::personal
