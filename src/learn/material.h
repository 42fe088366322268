// What a person has written, chosen out of memory and outbox: what is learnt from, and what is kept
// apart to test it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "personal/memory.h"
#include "personal/outbox.h"
#include "personal/profile.h"

namespace plmm::learn {

/// Turns that are longer were most likely pasted: nobody's style.
inline constexpr std::size_t kOwnBytesMax = 2'000;
/// With less nothing can be told apart from chance.
inline constexpr std::size_t kTurnsMin = 40;
inline constexpr std::size_t kConversationsMin = 10;
inline constexpr std::size_t kHeldBackMin = 5;  // conversations

/// The turns of one conversation, in their order.
struct Dialogue {
  std::vector<personal::Turn> turns;
};

/// What an expert had wrong, and what is true, in the person's words.
struct Correction {
  std::int64_t id = 0;  // of the outbox
  Personal<std::string> question;
  Personal<std::string> correction;
};

/// Only two things are ever predicted, and so learnt: what the person said, in turns of at most
/// kOwnBytesMax, and corrections that an expert found true. What a model, an expert or a document
/// said stands before them and has no weight; nor has a note of memory, which is no part of a turn.
struct Material {
  std::vector<Dialogue> training;   // the older ones first
  std::vector<Dialogue> held_back;  // the newest fifth, and no fewer than kHeldBackMin
  std::vector<Correction> corrections;
  std::size_t n_turns = 0;            // of training, that are learnt
  std::size_t n_turns_held_back = 0;  // that are predicted
  std::vector<std::int64_t> sources;  // ids of the vault's records that are learnt from, rising

  std::size_t n_conversations() const { return training.size() + held_back.size(); }
  /// Whether it is enough to learn from and to test what was learnt.
  bool suffices() const;
};

/// Whether the person's words of a turn are learnt.
bool counts(const personal::Turn& turn);

Material collect(std::span<const personal::Turn> turns, std::vector<Correction> corrections);

/// Those of the outbox that an expert has accepted or knew already, and that are as they were
/// written: one in which a placeholder stands for something personal teaches placeholders.
Result<std::vector<Correction>> accepted_corrections(personal::Outbox& outbox);

/// Ids of the turns in which a person said one of these values.
std::vector<std::int64_t> turns_that_say(std::span<const personal::Turn> turns,
                                         std::span<const personal::Fact> facts);

}  // namespace plmm::learn
