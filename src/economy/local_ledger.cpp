// Commands of the port as steps of the cashier.
#include "economy/local_ledger.h"

namespace plmm::economy {
namespace {

/// `transfer`: what the command is about, whose id the caller goes on with.
protocol::LedgerReply reply_of(const Reply& reply, TransferId transfer) {
  return {.answer = reply.answer, .transfer = transfer, .sequence = reply.receipt.sequence};
}

}  // namespace

Result<Balance> LocalLedger::open_wallet(HolderId user) {
  const Reply granted = TRY(cashier_.grant_play_money(user, clock_()));
  if (!granted.ok())
    return fail(ErrorCode::invalid_argument, "the wallet: " + std::string(explain(granted.answer)));
  return balance(wallet_of(user));
}

Result<protocol::LedgerReply> LocalLedger::reserve(const protocol::Reservation& reservation) {
  const Reply reply = TRY(cashier_.reserve(reservation, clock_()));
  return reply_of(reply, reservation_id(reservation.payer, reservation.request.value));
}

Result<protocol::LedgerReply> LocalLedger::post(TransferId reservation, Microcredits exact) {
  const Reply reply = TRY(cashier_.post(reservation, exact, clock_()));
  return reply_of(reply, reply.receipt.id);
}

Result<protocol::LedgerReply> LocalLedger::void_(TransferId reservation) {
  const Reply reply = TRY(cashier_.void_(reservation, clock_()));
  return reply_of(reply, reply.receipt.id);
}

Result<protocol::LedgerReply> LocalLedger::reward(const protocol::Reward& reward) {
  TRY(cashier_.open_user(reward.contributor, clock_()));
  const Reply reply = TRY(cashier_.reward(reward, clock_()));
  return reply_of(reply, reply.receipt.id);
}

Result<protocol::Reservation> LocalLedger::reservation(TransferId id) {
  TRY(cashier_.expire(clock_()));
  return cashier_.open_reservation(id);
}

Result<Balance> LocalLedger::balance(AccountId account) {
  TRY(cashier_.expire(clock_()));
  return cashier_.balance(account);
}

Result<StatementPage> LocalLedger::statement(AccountId account, std::uint64_t from,
                                             std::size_t limit) {
  return cashier_.statement(account, from, limit);
}

}  // namespace plmm::economy
