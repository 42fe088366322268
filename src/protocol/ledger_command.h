// What a tier says to a ledger over a wire, signed, and what the ledger says back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/sign.h"
#include "protocol/ports.h"

namespace plmm::protocol {

// The numbers stand under signatures: none is ever given to another action.
enum class LedgerAction : std::uint8_t {
  open_wallet = 1,  // the signer's own
  open_expert = 2,  // the signer's revenue and reward pool
  reserve = 3,
  post = 4,
  void_ = 5,
  reward = 6,
  reservation = 7,
  balance = 8,
  statement = 9,
};

/// Fields that an action does not use are zero, in the message too.
struct LedgerCommand {
  LedgerAction action = LedgerAction::balance;
  crypto::PublicKey key{};  // whose word this is: holder_of(key)
  std::int64_t time_ms = 0;
  ledger::Id128 nonce{};             // never said before
  ledger::HolderId payer{};          // reserve; reward: the contributor
  ledger::HolderId expert{};         // reserve, reward
  ledger::Id128 reference{};         // reserve: the request; reward: the contribution
  ledger::Microcredits amount{};     // reserve, post, reward
  std::int64_t expires_ms = 0;       // reserve
  ledger::TransferId reservation{};  // post, void_, reservation
  ledger::AccountId account{};       // balance, statement
  std::uint64_t from = 0;            // statement
  std::uint64_t n_lines_max = 0;     // statement
  crypto::Signature signature{};
  bool operator==(const LedgerCommand&) const = default;
};

/// The bytes under the signature (Ed25519), integers big-endian, all fields of every action:
///   "plmm ledger command 1\n" · action [1] · key [32] · time [8] · nonce [16] · payer [16] ·
///   expert [16] · reference [16] · amount [8] · expires [8] · reservation [16] ·
///   account kind [1] · account holder [16] · from [8] · lines [8]
/// Needs: check(command).
std::string signed_bytes(const LedgerCommand& command);
/// Fills key and signature. Needs: the other fields hold check().
void sign_command(LedgerCommand& command, const crypto::KeyPair& key);
bool verify_command(const LedgerCommand& command);

/// invalid_argument for a zero nonce, a negative number, a missing field; limit_exceeded for more
/// lines than kStatementLinesMax or a number over kIntegerMax.
Result<> check(const LedgerCommand& command);
Result<> check(const LedgerReply& reply);
Result<> check(const Reservation& reservation);
Result<> check(const Balance& balance);
Result<> check(const StatementPage& page);

Result<std::string> to_json(const LedgerCommand& command);
Result<std::string> to_json(const LedgerReply& reply);
Result<std::string> to_json(const Reservation& reservation);
Result<std::string> to_json(const Balance& balance);
Result<std::string> to_json(const StatementPage& page);

/// As the readers of json.h. An answer or a purpose that this version does not know: unsupported.
Result<LedgerCommand> parse_ledger_command(std::string_view json);
Result<LedgerReply> parse_ledger_reply(std::string_view json);
Result<Reservation> parse_reservation(std::string_view json);
Result<Balance> parse_balance(std::string_view json);
Result<StatementPage> parse_statement(std::string_view json);

}  // namespace plmm::protocol
