// How one tier reaches another: in this process, or over a wire that looks the same from here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "ledger/types.h"
#include "protocol/contribution.h"
#include "protocol/messages.h"

namespace plmm::protocol {

/// Called with each piece of an answer, in order, on the thread that asked.
using OnChunk = std::function<void(const AnswerChunk& chunk)>;

/// One expert. One thread at a time for each port that does not say otherwise.
class ExpertPort {
 public:
  virtual ~ExpertPort() = default;

  virtual Result<ExpertCard> card() = 0;

  /// Streams the answer, then says what stands behind it. Cancel is polled between words: then the
  /// error is cancelled. invalid_argument or limit_exceeded for a question that breaks its limits,
  /// not_found for another expert's, offline when nobody is there. After an error nothing is
  /// billed; the pieces that came before it are words of the expert without a receipt.
  /// Whoever does not trust the port calls check_answer() (receipt.h) on what came.
  virtual Result<AnswerEnd> ask(const Ask& ask, const OnChunk& on_chunk, const Cancel& cancel) = 0;

  /// Has a correction judged, which takes the expert some answers. The same contribution again gets
  /// the same verdict, paid once. Errors, after which nothing has changed: those of check() and
  /// verify_contribution() (contribution.h); invalid_argument for an id that came with another
  /// body; not_found for another expert's; io when the expert is being changed just now; cancelled.
  /// Who does not trust the port calls check_verdict().
  virtual Result<Verdict> contribute(const Contribution& contribution, const Cancel& cancel) = 0;
};

/// A part of the payer's money that waits for an answer.
struct Reservation {
  ledger::HolderId payer;
  ledger::HolderId expert;
  RequestId request;
  ledger::Microcredits price_max{};
  std::int64_t expires_ms = 0;  // from this time on it cannot be posted; 0: never
  bool operator==(const Reservation&) const = default;
};

/// What a contributor gets for a contribution that was accepted.
struct Reward {
  ledger::HolderId expert;
  ledger::HolderId contributor;
  ledger::Id128 contribution;
  ledger::Microcredits amount{};
  bool operator==(const Reward&) const = default;
};

/// What the ledger says to a command; `transfer` stands in its journal when the answer is ok.
struct LedgerReply {
  ledger::Answer answer = ledger::Answer::ok;
  ledger::TransferId transfer;
  std::uint64_t sequence = 0;  // its number in the journal
  bool ok() const { return answer == ledger::Answer::ok; }
  bool operator==(const LedgerReply&) const = default;
};

struct Balance {
  ledger::Microcredits available{};  // can be spent now
  ledger::Microcredits reserved{};   // own money that waits for answers
  ledger::Microcredits incoming{};   // reserved for this account by others
  bool operator==(const Balance&) const = default;
};

/// One movement of money, as the account sees it.
struct StatementLine {
  std::uint64_t sequence = 0;
  std::int64_t time_ms = 0;
  ledger::TransferId id;
  ledger::Purpose purpose = ledger::Purpose::answer;
  ledger::AccountId other;         // the account on the other side
  ledger::Microcredits amount{};   // above zero: received
  ledger::Microcredits balance{};  // after it, what is reserved included
  ledger::Id128 reference;         // what it was for: of an answer, the reservation
  bool operator==(const StatementLine&) const = default;
};
inline constexpr std::size_t kStatementLinesMax = 1'000;  // of a page
struct StatementPage {
  std::vector<StatementLine> lines;  // the oldest first
  std::uint64_t next = 0;            // where the next page starts; 0 when there is none
  bool operator==(const StatementPage&) const = default;
};

/// The ledger of all tiers. An Answer is final: the same command said again gets the same one and
/// happens once. An error means that nobody knows: say the same again. Any thread. The clock is the
/// ledger's own.
class LedgerPort {
 public:
  virtual ~LedgerPort() = default;

  /// Makes the user's wallet where there is none; a new one gets play money where the operator
  /// gives any, once.
  virtual Result<Balance> open_wallet(ledger::HolderId user) = 0;

  /// Puts price_max of the payer's wallet aside for the expert. reply.transfer is the reservation;
  /// payer and request make its id, so that asking twice reserves once.
  virtual Result<LedgerReply> reserve(const Reservation& reservation) = 0;
  /// Pays `exact` (more than 0) to the expert and lets go of the rest.
  virtual Result<LedgerReply> post(ledger::TransferId reservation, ledger::Microcredits exact) = 0;
  /// Lets go of all of it.
  virtual Result<LedgerReply> void_(ledger::TransferId reservation) = 0;
  /// Pays a contributor from the expert's reward pool, once for each contribution; a refusal, of an
  /// empty pool for instance, is not final.
  virtual Result<LedgerReply> reward(const Reward& reward) = 0;
  /// An open reservation; not_found when there is none of that id or it has ended. An expert looks
  /// before it works.
  virtual Result<Reservation> reservation(ledger::TransferId id) = 0;

  /// not_found when there is no such account.
  virtual Result<Balance> balance(ledger::AccountId account) = 0;
  /// Lines `from` (0 is the oldest) on, at most `limit`; the ledger may give fewer.
  virtual Result<StatementPage> statement(ledger::AccountId account, std::uint64_t from,
                                          std::size_t limit) = 0;
};

}  // namespace plmm::protocol
