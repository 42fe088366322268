// The profile as a short text that stands before every conversation with the model on this device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/personal.h"
#include "personal/profile.h"

namespace plmm::personal {

/// About 300 tokens: what a small model still heeds.
inline constexpr std::size_t kPromptBytesMax = 1'200;

struct PinnedProfile {
  Personal<std::string> text;       // the system text; without facts one that says so
  std::vector<Slot> slots;          // those that are in it
  std::vector<std::int64_t> facts;  // ids of those that are in it
  std::size_t n_left_out = 0;       // facts that did not fit
};

/// Of the facts that hold; where not all fit, the slots that are of most use come first, and in
/// each the newest facts. The same facts make the same text, whatever order they come in, so that
/// the prefix cache holds until the profile changes.
PinnedProfile pin(std::span<const Fact> facts);

}  // namespace plmm::personal
