// One signed command, one reply; see remote_ledger.h.
#include "api/remote_ledger.h"

#include <algorithm>
#include <utility>

#include "api/words.h"
#include "protocol/ids.h"

namespace plmm::api {

using protocol::LedgerAction;
using protocol::LedgerCommand;

RemoteLedger::RemoteLedger(std::string url, const crypto::KeyPair& key, Clock clock,
                           std::chrono::milliseconds silence_max)
    : url_(std::move(url)),
      key_(key),
      clock_(std::move(clock)),
      client_({.idle_max = silence_max,
               .whole_max = 2 * silence_max,
               .body_bytes_max = protocol::kMessageBytesMax}) {}

Result<std::string> RemoteLedger::say(LedgerCommand command) const {
  command.time_ms = clock_();
  command.nonce = protocol::make_id();
  protocol::sign_command(command, key_);
  auto body = TRY(protocol::to_json(command));
  // A command is over in a moment; nobody should have to guess what became of it.
  const Cancel never;
  auto answer =
      client_.fetch(net::json_post(url_ + std::string(kLedgerPath), std::move(body)), never);
  if (!answer)
    return fail(answer.error().code, "the ledger does not answer (" + answer.error().what + ")");
  return body_of(std::move(*answer));
}

Result<protocol::Balance> RemoteLedger::open_wallet(ledger::HolderId user) {
  if (user != protocol::holder_of(key_.public_key()))
    return fail(ErrorCode::invalid_argument, "a wallet is opened by its own key");
  const auto json = TRY(say({.action = LedgerAction::open_wallet}));
  return protocol::parse_balance(json);
}

Result<> RemoteLedger::open_expert() {
  const auto json = TRY(say({.action = LedgerAction::open_expert}));
  TRY(protocol::parse_balance(json));
  return {};
}

Result<protocol::LedgerReply> RemoteLedger::reserve(const protocol::Reservation& reservation) {
  const auto json = TRY(say({.action = LedgerAction::reserve,
                             .payer = reservation.payer,
                             .expert = reservation.expert,
                             .reference = reservation.request.value,
                             .amount = reservation.price_max,
                             .expires_ms = reservation.expires_ms}));
  return protocol::parse_ledger_reply(json);
}

Result<protocol::LedgerReply> RemoteLedger::post(ledger::TransferId reservation,
                                                 ledger::Microcredits exact) {
  const auto json =
      TRY(say({.action = LedgerAction::post, .amount = exact, .reservation = reservation}));
  return protocol::parse_ledger_reply(json);
}

Result<protocol::LedgerReply> RemoteLedger::void_(ledger::TransferId reservation) {
  const auto json = TRY(say({.action = LedgerAction::void_, .reservation = reservation}));
  return protocol::parse_ledger_reply(json);
}

Result<protocol::LedgerReply> RemoteLedger::reward(const protocol::Reward& reward) {
  const auto json = TRY(say({.action = LedgerAction::reward,
                             .payer = reward.contributor,
                             .expert = reward.expert,
                             .reference = reward.contribution,
                             .amount = reward.amount}));
  return protocol::parse_ledger_reply(json);
}

Result<protocol::Reservation> RemoteLedger::reservation(ledger::TransferId id) {
  const auto json = TRY(say({.action = LedgerAction::reservation, .reservation = id}));
  return protocol::parse_reservation(json);
}

Result<protocol::Balance> RemoteLedger::balance(ledger::AccountId account) {
  const auto json = TRY(say({.action = LedgerAction::balance, .account = account}));
  return protocol::parse_balance(json);
}

Result<protocol::StatementPage> RemoteLedger::statement(ledger::AccountId account,
                                                        std::uint64_t from, std::size_t limit) {
  const auto json = TRY(say({.action = LedgerAction::statement,
                             .account = account,
                             .from = from,
                             .n_lines_max = std::min(limit, protocol::kStatementLinesMax)}));
  return protocol::parse_statement(json);
}

}  // namespace plmm::api
