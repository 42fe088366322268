// The profile as lines that a person reads and edits. docs/formats/profile.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "personal/profile.h"

namespace plmm::personal {

inline constexpr std::size_t kProfileTextBytesMax = 256U << 10U;

/// A line for each fact that holds, "hobbies: climbing", in the order of kSlots.
std::string profile_text(std::span<const Fact> facts);

/// Lines of profile_text() in any order; empty ones and those that begin with # say nothing, and a
/// value that stands twice counts once. invalid_argument or limit_exceeded with the line's number,
/// never with what stands in it.
Result<std::vector<SlotValue>> parse_profile_text(std::string_view text);

/// What makes the facts that hold into these values.
struct ProfileEdit {
  std::vector<Fact> replaced;  // that go where something comes in the same slot
  std::vector<Fact> dropped;   // that just go
  std::vector<SlotValue> added;
  bool empty() const { return replaced.empty() && dropped.empty() && added.empty(); }
};
ProfileEdit edit_between(std::span<const Fact> facts, std::span<const SlotValue> values);

}  // namespace plmm::personal
