// One line for each slot, in the order of the slots.
#include "personal/prompt.h"

#include <algorithm>

namespace plmm::personal {
namespace {

constexpr std::string_view kStart =
    "You are the personal assistant of one person, on their own device. Answer briefly and say so "
    "when you do not know.";
constexpr std::string_view kKnown =
    "\nWhat the person has told you about themselves (use it only where it helps):";
constexpr std::string_view kNothingKnown =
    "\nThe person has not told you anything about themselves yet.";

/// How a line about the slot begins.
std::string_view line_start(Slot slot) {
  switch (slot) {
    case Slot::name:
      return "\nName: ";
    case Slot::education:
      return "\nEducation: ";
    case Slot::work:
      return "\nWork: ";
    case Slot::hobbies:
      return "\nHobbies: ";
    case Slot::languages:
      return "\nLanguages: ";
    case Slot::tone:
      return "\nWrite to them in this tone: ";
  }
  return "\n";
}

}  // namespace

PinnedProfile pin(std::span<const Fact> facts) {
  std::vector<const Fact*> ordered;
  for (const Fact& fact : facts) ordered.push_back(&fact);
  std::ranges::sort(ordered, [](const Fact* a, const Fact* b) {
    return std::pair(a->slot, a->id) < std::pair(b->slot, b->id);
  });
  std::string text(kStart);
  text += ordered.empty() ? kNothingKnown : kKnown;
  PinnedProfile out;
  for (const Fact* fact : ordered) {
    const std::string& value = fact->value.reveal(Purpose::prompt);
    const bool is_first = out.slots.empty() || out.slots.back() != fact->slot;
    const std::string_view before = is_first ? line_start(fact->slot) : std::string_view("; ");
    if (text.size() + before.size() + value.size() > kPromptBytesMax) {
      ++out.n_left_out;
      continue;
    }
    text.append(before).append(value);
    if (is_first) out.slots.push_back(fact->slot);
  }
  out.text = Personal(std::move(text));
  return out;
}

}  // namespace plmm::personal
