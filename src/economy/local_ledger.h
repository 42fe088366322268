// The ledger of this process behind the port that all tiers know.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "economy/cashier.h"
#include "protocol/ports.h"

namespace plmm::economy {

/// Any thread; the cashier outlives it.
class LocalLedger : public protocol::LedgerPort {
 public:
  LocalLedger(Cashier& cashier, Clock clock) : cashier_(cashier), clock_(std::move(clock)) {}

  /// A new wallet gets the operator's play money, once.
  Result<Balance> open_wallet(HolderId user) override;
  Result<protocol::LedgerReply> reserve(const protocol::Reservation& reservation) override;
  Result<protocol::LedgerReply> post(TransferId reservation, Microcredits exact) override;
  Result<protocol::LedgerReply> void_(TransferId reservation) override;
  /// Opens the contributor's wallet, without play money, where there is none.
  Result<protocol::LedgerReply> reward(const protocol::Reward& reward) override;
  /// Here and in balance(), reservations whose time has come are let go of first.
  Result<protocol::Reservation> reservation(TransferId id) override;
  Result<Balance> balance(AccountId account) override;
  Result<StatementPage> statement(AccountId account, std::uint64_t from,
                                  std::size_t limit) override;

 private:
  Cashier& cashier_;
  Clock clock_;
};

}  // namespace plmm::economy
