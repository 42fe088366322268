// A folder, a ledger file in it and short names, for the tests of the economy.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/temporary_folder.h"
#include "economy/ledger_store.h"
#include "ledger/invariants.h"

namespace plmm::economy {

constexpr std::int64_t kNow = 1'000'000;

inline const AccountId kIssuance{ledger::AccountKind::issuance, {{0, 1}}};
inline const AccountId kAlice{ledger::AccountKind::user_wallet, {{0, 2}}};
inline const AccountId kExpert{ledger::AccountKind::expert_revenue, {{0, 3}}};

inline TransferId transfer_id(std::uint64_t number) { return {{5, number}}; }

inline ledger::Transfer direct(std::uint64_t id, AccountId from, AccountId to,
                               std::int64_t amount) {
  return {.id = transfer_id(id), .debit = from, .credit = to, .amount = {amount}};
}
inline ledger::Transfer reserve(std::uint64_t id, std::int64_t amount,
                                std::int64_t expires_ms = 0) {
  ledger::Transfer out = direct(id, kAlice, kExpert, amount);
  out.kind = ledger::TransferKind::pending;
  out.expires_ms = expires_ms;
  return out;
}
inline ledger::Transfer post(std::uint64_t id, std::uint64_t reservation, std::int64_t amount) {
  return {.id = transfer_id(id),
          .kind = ledger::TransferKind::post,
          .amount = {amount},
          .reservation = transfer_id(reservation)};
}
inline Command command(const ledger::Transfer& transfer, std::int64_t now_ms = kNow) {
  return {Chain{{transfer}}, now_ms};
}

class EconomyTest : public testing::Test {
 protected:
  std::filesystem::path file() const { return folder_ / "ledger.db"; }

  LedgerStore opened() const {
    auto store = LedgerStore::open(file());
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  /// With the three accounts, and 1,000 micro-credits for Alice.
  LedgerStore funded() const {
    LedgerStore store = opened();
    const std::vector<Command> commands{{OpenAccount{kIssuance, ledger::Limit::none}, kNow},
                                        {OpenAccount{kAlice}, kNow},
                                        {OpenAccount{kExpert}, kNow},
                                        command(direct(1, kIssuance, kAlice, 1'000))};
    EXPECT_TRUE(store.apply(commands));
    return store;
  }
  static void expect_sound(const LedgerStore& store) {
    const auto sound = ledger::check_invariants(store.ledger());
    EXPECT_TRUE(sound) << sound.error().what;
  }

  TemporaryFolder temporary_ = TemporaryFolder::create().value();
  std::filesystem::path folder_ = temporary_.path();
};

}  // namespace plmm::economy
