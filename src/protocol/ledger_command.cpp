// Limits and signatures of what is said to a ledger.
#include "protocol/ledger_command.h"

#include "protocol/byte_order.h"
#include "protocol/field_checks.h"
#include "protocol/messages.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kPurpose = "plmm ledger command 1\n";

Result<> check_id(std::string_view field, const ledger::Id128& id) {
  if (id.is_zero()) return wrong(field, "is zero");
  return {};
}

/// What the account lacks may be told apart from what it has: a balance can be below zero only for
/// whoever issues play money.
Result<> check_signed_amount(std::string_view field, ledger::Microcredits amount) {
  if (amount.value < -kIntegerMax) return wrong(field, "is below -2^53");
  return check_amount(field, {amount.value < 0 ? -amount.value : amount.value});
}

bool uses_reservation(LedgerAction action) {
  return action == LedgerAction::post || action == LedgerAction::void_ ||
         action == LedgerAction::reservation;
}

}  // namespace

Result<> check(const LedgerCommand& command) {
  using enum LedgerAction;
  const LedgerAction action = command.action;
  TRY(check_time("time_ms", command.time_ms));
  TRY(check_id("nonce", command.nonce));
  if (action == reserve || action == reward) {
    TRY(check_id("payer", command.payer.value));
    TRY(check_id("expert", command.expert.value));
    TRY(check_id("reference", command.reference));
  }
  TRY(check_amount("amount", command.amount));
  TRY(check_time("expires_ms", command.expires_ms));
  if (uses_reservation(action)) TRY(check_id("reservation", command.reservation.value));
  TRY(check_count("from", command.from, kIntegerMax));
  return check_count("n_lines_max", command.n_lines_max, kStatementLinesMax);
}

Result<> check(const LedgerReply& reply) {
  return check_count("sequence", reply.sequence, kIntegerMax);
}

Result<> check(const Reservation& reservation) {
  TRY(check_amount("price_max", reservation.price_max));
  return check_time("expires_ms", reservation.expires_ms);
}

Result<> check(const Balance& balance) {
  TRY(check_signed_amount("available", balance.available));
  TRY(check_amount("reserved", balance.reserved));
  return check_amount("incoming", balance.incoming);
}

Result<> check(const StatementPage& page) {
  TRY(check_count("lines", page.lines.size(), kStatementLinesMax));
  TRY(check_count("next", page.next, kIntegerMax));
  for (const StatementLine& line : page.lines) {
    TRY(check_count("sequence", line.sequence, kIntegerMax));
    TRY(check_time("time_ms", line.time_ms));
    TRY(check_signed_amount("amount", line.amount));
    TRY(check_signed_amount("balance", line.balance));
  }
  return {};
}

std::string signed_bytes(const LedgerCommand& command) {
  std::string out(kPurpose);
  append(out, static_cast<std::uint8_t>(command.action));
  append(out, command.key.bytes);
  append(out, static_cast<std::uint64_t>(command.time_ms));
  append(out, command.nonce);
  append(out, command.payer.value);
  append(out, command.expert.value);
  append(out, command.reference);
  append(out, static_cast<std::uint64_t>(command.amount.value));
  append(out, static_cast<std::uint64_t>(command.expires_ms));
  append(out, command.reservation.value);
  append(out, static_cast<std::uint8_t>(command.account.kind));
  append(out, command.account.holder.value);
  append(out, command.from);
  append(out, command.n_lines_max);
  return out;
}

void sign_command(LedgerCommand& command, const crypto::KeyPair& key) {
  command.key = key.public_key();
  command.signature = key.sign(bytes_of(signed_bytes(command)));
}

bool verify_command(const LedgerCommand& command) {
  if (!check(command)) return false;
  return crypto::verify(command.key, bytes_of(signed_bytes(command)), command.signature);
}

}  // namespace plmm::protocol
