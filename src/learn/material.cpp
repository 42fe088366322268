// Turns into conversations, by time into those learnt from and those kept apart.
#include "learn/material.h"

#include <algorithm>
#include <map>
#include <utility>

#include "privacy/placeholder.h"
#include "privacy/redact.h"
#include "protocol/contribution.h"

namespace plmm::learn {
namespace {

constexpr std::size_t kHeldBackEach = 5;  // one conversation of so many

std::size_t n_counting(const Dialogue& dialogue) {
  return static_cast<std::size_t>(std::ranges::count_if(dialogue.turns, counts));
}

/// In the order in which they began; those without anything to learn are left out.
std::vector<Dialogue> dialogues_of(std::span<const personal::Turn> turns) {
  std::vector<const personal::Turn*> by_id;
  for (const auto& turn : turns) by_id.push_back(&turn);
  std::ranges::sort(by_id, {}, [](const personal::Turn* turn) { return turn->id; });
  std::vector<Dialogue> out;
  std::map<std::int64_t, std::size_t> places;
  for (const personal::Turn* turn : by_id) {
    const auto [place, is_new] = places.try_emplace(turn->conversation, out.size());
    if (is_new) out.emplace_back();
    out[place->second].turns.push_back(*turn);
  }
  std::erase_if(out, [](const Dialogue& dialogue) { return n_counting(dialogue) == 0; });
  return out;
}

/// Whether an expert, who looked at it, has nothing against it.
bool was_right(const protocol::Verdict& verdict) {
  using enum protocol::VerdictReason;
  return verdict.reason == accepted || verdict.reason == known || verdict.reason == answered;
}

}  // namespace

bool counts(const personal::Turn& turn) {
  const std::string& said = turn.said.reveal(Purpose::compare);
  return said.size() <= kOwnBytesMax && said.find_first_not_of(" \t\r\n") != std::string::npos;
}

bool Material::suffices() const {
  return n_turns + n_turns_held_back >= kTurnsMin && n_conversations() >= kConversationsMin;
}

Material collect(std::span<const personal::Turn> turns, std::vector<Correction> corrections) {
  Material out;
  out.training = dialogues_of(turns);
  out.corrections = std::move(corrections);
  const std::size_t n = out.training.size();
  const std::size_t n_apart =
      std::min(n, std::max(kHeldBackMin, (n + kHeldBackEach - 1) / kHeldBackEach));
  const auto split = out.training.end() - static_cast<std::ptrdiff_t>(n_apart);
  out.held_back.assign(std::make_move_iterator(split), std::make_move_iterator(out.training.end()));
  out.training.erase(split, out.training.end());
  for (const auto& dialogue : out.held_back) out.n_turns_held_back += n_counting(dialogue);
  for (const auto& dialogue : out.training) {
    out.n_turns += n_counting(dialogue);
    // All of them, for what does not count itself stands before what does.
    for (const auto& turn : dialogue.turns) out.sources.push_back(turn.id);
  }
  for (const auto& correction : out.corrections) out.sources.push_back(correction.id);
  std::ranges::sort(out.sources);
  return out;
}

Result<std::vector<Correction>> accepted_corrections(personal::Outbox& outbox) {
  std::vector<Correction> out;
  for (const auto& entry : TRY(outbox.list())) {
    if (entry.kind != personal::OutboxKind::contribution) continue;
    if (!entry.verdict || !was_right(*entry.verdict)) continue;
    const auto sent = protocol::parse_contribution(entry.bytes.reveal(Purpose::prompt));
    if (!sent) continue;
    if (!privacy::find_placeholders(sent->question).empty()) continue;
    if (!privacy::find_placeholders(sent->correction).empty()) continue;
    out.push_back({entry.id, Personal(sent->question), Personal(sent->correction)});
  }
  return out;
}

std::vector<std::int64_t> turns_that_say(std::span<const personal::Turn> turns,
                                         std::span<const personal::Fact> facts) {
  std::vector<privacy::Known> known;
  for (const auto& fact : facts)
    known.push_back({privacy::Kind::other, fact.value.reveal(Purpose::redact)});
  const privacy::Redactor redactor(known);
  std::vector<std::int64_t> out;
  for (const auto& turn : turns) {
    if (!redactor.leaks(turn.said.reveal(Purpose::redact)).empty()) out.push_back(turn.id);
  }
  return out;
}

}  // namespace plmm::learn
