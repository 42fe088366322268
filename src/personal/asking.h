// One question to an expert, from the preview of what would leave to a receipt that holds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/personal.h"
#include "base/result.h"
#include "ledger/types.h"
#include "personal/consent.h"
#include "personal/outbox.h"
#include "personal/outgoing.h"
#include "personal/vault.h"
#include "privacy/redact.h"
#include "protocol/messages.h"
#include "protocol/ports.h"

namespace plmm::personal {

/// What an asking works with; all of it outlives the asking.
struct AskingParts {
  Vault& vault;
  privacy::Redactor& redactor;  // of the conversation, so that a value keeps its placeholder
  protocol::ExpertPort& expert;
  protocol::LedgerPort& ledger;
  Clock clock;
  ledger::HolderId payer;  // whose wallet
};

/// What would leave this device, before it does.
struct Preview {
  std::string expert;
  std::uint32_t release = 0;
  /// Exactly what would leave, but for "reservation": the ledger gives that number when the money
  /// is put aside, so the request's own stands there until then.
  std::string bytes;
  std::vector<std::string> lines;  // the question as the expert would read it, for a person
  std::vector<Replaced> replaced;  // in the order of the question
  std::size_t n_left_out = 0;      // sentences about the person that the question does not need
  ledger::Microcredits price_max{};
  ConsentMode consent = ConsentMode::ask_each_time;
  KeyStanding key = KeyStanding::first_time;
};

/// Who said that the preview may leave.
enum class Approval : std::uint8_t {
  person,   // just now, to this preview
  standing  // the consent book, for this expert
};

struct ExpertAnswer {
  Personal<std::string> text;  // placeholders filled
  protocol::Outcome outcome{};
  std::vector<protocol::Citation> citations;
  protocol::Receipt receipt;
  Sending payment = Sending::paid;  // paid, answered (settle() pays later) or unpaid
  std::int64_t outbox_id = 0;
  std::uint64_t n_bytes = 0;  // that left
};

using OnAnswerText = std::function<void(std::string_view text)>;

/// What an expert says is shown and kept, and never leads to another action. Whatever goes wrong,
/// the error says so in words for a person, nothing is paid, and what was reserved is let go of.
class Asking {
 public:
  explicit Asking(AskingParts parts)
      : parts_(std::move(parts)), outgoing_(parts_.vault, parts_.redactor, parts_.clock) {}

  /// Replaces what the vault knows and what looks personal, leaves out sentences that only tell
  /// about the person, and checks the exact bytes again. Nothing leaves but the call of card().
  /// Errors: of the vault and the port; invalid_argument for an empty question; limit_exceeded for
  /// a long one; unsupported when the bytes still hold a known value.
  Result<Preview> prepare(const Personal<std::string>& question, std::uint64_t n_answer_tokens_max);

  /// Sends what prepare() showed, once: reserve, ask, check the receipt, pay the exact price.
  /// `on_text` gets the answer as it comes. invalid_argument when nothing is prepared or nobody
  /// approved.
  Result<ExpertAnswer> send(Approval approval, const OnAnswerText& on_text, const Cancel& cancel);
  /// The person said no: nothing is prepared any more.
  void decline() { prepared_.reset(); }

 private:
  struct Prepared {
    protocol::ExpertCard card;
    protocol::Ask ask;
    Preview preview;
  };
  struct Received;

  Result<> check_approval(const Prepared& prepared, Approval approval);
  Result<> reserve(Prepared& prepared);
  Result<OutboxEntry> record(const Prepared& prepared);
  Result<protocol::AnswerEnd> receive(const Prepared& prepared, Received& received,
                                      const Cancel& cancel);
  ExpertAnswer pay(OutboxEntry& entry, const protocol::AnswerEnd& end);
  std::unexpected<Error> give_up(const Prepared& prepared, OutboxEntry* entry, Error error);

  AskingParts parts_;
  Outgoing outgoing_;
  std::optional<Prepared> prepared_;
};

/// How long the money for an answer is put aside; the ledger lets go of it then.
inline constexpr std::int64_t kReservationMs = 15 * 60 * 1000;

struct Settled {
  std::size_t n_paid = 0;
  std::size_t n_let_go = 0;
};
/// Finishes what a crash or a silent ledger left open: pays answers that came, lets go of
/// reservations whose question is long over. At the start of the program.
Result<Settled> settle(Vault& vault, protocol::LedgerPort& ledger, const Clock& clock);

}  // namespace plmm::personal
