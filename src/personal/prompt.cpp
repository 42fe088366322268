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

constexpr std::string_view kBetween = "; ";

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
    case Slot::health:
      return "\nHealth, to be minded: ";
    case Slot::place:
      return "\nLives in: ";
    case Slot::workplace:
      return "\nWorks at: ";
    case Slot::people:
      return "\nFamily and friends: ";
    case Slot::pets:
      return "\nPets: ";
    case Slot::dislikes:
      return "\nDoes not like: ";
    case Slot::likes:
      return "\nLikes: ";
    case Slot::origin:
      return "\nComes from: ";
    case Slot::age:
      return "\nAge: ";
    case Slot::plans:
      return "\nPlans to: ";
    case Slot::possessions:
      return "\nHas: ";
  }
  return "\n";
}

/// The most useful ones whose lines have at most `n_bytes` together.
std::vector<const Fact*> those_that_fit(std::vector<const Fact*> facts, std::size_t n_bytes,
                                        std::size_t& n_left_out) {
  std::ranges::sort(facts, [](const Fact* a, const Fact* b) {
    return std::pair(a->slot, -a->id) < std::pair(b->slot, -b->id);
  });
  std::vector<const Fact*> out;
  for (const Fact* fact : facts) {
    const bool is_first = out.empty() || out.back()->slot != fact->slot;
    const std::size_t n = (is_first ? line_start(fact->slot) : kBetween).size() +
                          fact->value.reveal(Purpose::prompt).size();
    if (n > n_bytes) {
      ++n_left_out;
      continue;
    }
    n_bytes -= n;
    out.push_back(fact);
  }
  return out;
}

}  // namespace

PinnedProfile pin(std::span<const Fact> facts) {
  std::vector<const Fact*> ordered;
  for (const Fact& fact : facts) {
    if (fact.holds()) ordered.push_back(&fact);
  }
  std::string text(kStart);
  text += ordered.empty() ? kNothingKnown : kKnown;
  PinnedProfile out;
  ordered = those_that_fit(std::move(ordered), kPromptBytesMax - text.size(), out.n_left_out);
  std::ranges::sort(ordered, [](const Fact* a, const Fact* b) {
    return std::pair(a->slot, a->id) < std::pair(b->slot, b->id);
  });
  for (const Fact* fact : ordered) {
    const bool is_first = out.slots.empty() || out.slots.back() != fact->slot;
    text.append(is_first ? line_start(fact->slot) : kBetween);
    text.append(fact->value.reveal(Purpose::prompt));
    if (is_first) out.slots.push_back(fact->slot);
    out.facts.push_back(fact->id);
  }
  out.text = Personal(std::move(text));
  return out;
}

}  // namespace plmm::personal
