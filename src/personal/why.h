// How the last answer came about: who answered, why, and what it used.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/types.h"
#include "personal/document_note.h"
#include "personal/profile.h"
#include "personal/recall.h"
#include "personal/router.h"
#include "personal/vault.h"

namespace plmm::personal {

/// What left the device for an answer. No text of it: that stands in the outbox.
struct Departure {
  std::int64_t outbox_id = 0;
  std::uint64_t n_bytes = 0;
  std::uint64_t n_replaced = 0;  // personal values that a placeholder stood for
  std::uint64_t n_left_out = 0;  // sentences
  std::uint32_t release = 0;     // of the expert
  std::uint64_t n_citations = 0;
  ledger::Microcredits price{};
};

/// The personal adapter (src/learn) that the model on this device answered with.
struct AdapterUsed {
  std::int64_t version = 0;
  std::int64_t time_ms = 0;  // when it was learnt
  std::int64_t n_turns = 0;  // of the person's, that it learnt from
};

struct Explanation {
  std::int64_t time_ms = 0;
  Route route;
  std::vector<Slot> slots;             // of the profile, in the prompt of the model on this device
  std::vector<Used> recalled;          // turns of before that the prompt quoted
  std::vector<UsedPlace> places = {};  // of the person's documents, that the prompt quoted
  std::optional<Departure> departure;  // nothing: it was answered here and nothing left
  std::optional<AdapterUsed> adapter = {};
  std::vector<std::int64_t> facts = {};  // of the profile, in the prompt; values are not kept here
};

/// Lines for a person, without line breaks.
///   known: the profile as it is now; what was used and is forgotten since is counted, not named
///   date_of: a day as the person writes it · documents: those that are there now
std::vector<std::string> explain(const Explanation& explanation, std::span<const Fact> known,
                                 const std::function<std::string(std::int64_t time_ms)>& date_of,
                                 std::span<const OwnDocument> documents = {});

/// Keeps the newest in the vault, which outlives it.
class Explanations {
 public:
  explicit Explanations(Vault& vault) : vault_(&vault) {}
  Result<> keep(const Explanation& explanation);
  Result<std::optional<Explanation>> last();

 private:
  Vault* vault_;
};

}  // namespace plmm::personal
