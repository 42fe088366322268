// Tests of the ledger behind the port of all tiers.
#include "economy/local_ledger.h"

#include "economy/ledger_fixture.h"

namespace plmm::economy {
namespace {

constexpr HolderId kUser{{1, 1}};
constexpr HolderId kItExpert{{2, 1}};
constexpr protocol::RequestId kRequest{{4, 1}};

class LocalLedgerTest : public EconomyTest {
 protected:
  void SetUp() override {
    EconomyTest::SetUp();
    ledger_.emplace(opened());
    cashier_.emplace(*ledger_, CashierSettings{.operator_id = {{9, 9}}, .play_money = {1'000}});
    ASSERT_TRUE(cashier_->open_expert(kItExpert, {{3, 1}}, kNow));
    port_.emplace(*cashier_, [this] { return now_ms_; });
  }

  protocol::Reservation wanted(std::int64_t max, std::int64_t expires_ms = 0) {
    return {.payer = kUser,
            .expert = kItExpert,
            .request = kRequest,
            .price_max = {max},
            .expires_ms = expires_ms};
  }

  std::int64_t now_ms_ = kNow;
  std::optional<SharedLedger> ledger_;
  std::optional<Cashier> cashier_;
  std::optional<LocalLedger> port_;
};

TEST_F(LocalLedgerTest, gives_play_money_to_a_new_wallet_once) {
  EXPECT_EQ(port_->open_wallet(kUser).value().available.value, 1'000);
  EXPECT_EQ(port_->open_wallet(kUser).value().available.value, 1'000);
}

TEST_F(LocalLedgerTest, shows_an_open_reservation_as_it_was_made) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto reply = port_->reserve(wanted(400)).value();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(port_->reservation(reply.transfer).value(), wanted(400));
  EXPECT_EQ(port_->balance(wallet_of(kUser)).value().available.value, 600);
}

TEST_F(LocalLedgerTest, reserves_once_however_often_it_is_asked) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto first = port_->reserve(wanted(400)).value();
  EXPECT_EQ(port_->reserve(wanted(400)).value().transfer, first.transfer);
  EXPECT_EQ(port_->balance(wallet_of(kUser)).value().reserved.value, 400);
}

TEST_F(LocalLedgerTest, pays_the_exact_price_and_ends_the_reservation) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto reserved = port_->reserve(wanted(400)).value();
  ASSERT_TRUE(port_->post(reserved.transfer, {150}).value().ok());
  EXPECT_EQ(port_->balance(wallet_of(kUser)).value().available.value, 850);
  EXPECT_EQ(port_->balance(revenue_of(kItExpert)).value().available.value, 150);
  EXPECT_EQ(port_->reservation(reserved.transfer).error().code, ErrorCode::not_found);
  const auto lines = port_->statement(wallet_of(kUser), 0, 10).value().lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines.back().amount.value, -150);
  EXPECT_EQ(lines.back().reference, reserved.transfer.value);
}

TEST_F(LocalLedgerTest, refuses_what_the_wallet_does_not_hold) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  EXPECT_EQ(port_->reserve(wanted(1'001)).value().answer, ledger::Answer::exceeds_credits);
}

TEST_F(LocalLedgerTest, lets_go_of_a_reservation_whose_time_has_come) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto reserved = port_->reserve(wanted(400, kNow + 10)).value();
  now_ms_ = kNow + 10;
  EXPECT_EQ(port_->balance(wallet_of(kUser)).value().available.value, 1'000);
  EXPECT_EQ(port_->reservation(reserved.transfer).error().code, ErrorCode::not_found);
}

TEST_F(LocalLedgerTest, voids_a_reservation) {
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto reserved = port_->reserve(wanted(400)).value();
  ASSERT_TRUE(port_->void_(reserved.transfer).value().ok());
  EXPECT_EQ(port_->balance(wallet_of(kUser)).value().available.value, 1'000);
}

TEST_F(LocalLedgerTest, pays_a_contribution_once_and_again_after_an_empty_pool) {
  const protocol::Reward reward{kItExpert, {{1, 2}}, {6, 1}, {200}};
  EXPECT_EQ(port_->reward(reward).value().answer, ledger::Answer::exceeds_credits);
  const Funding funding{kItExpert, {7, 1}, {300}};
  EXPECT_EQ(cashier_->fund_rewards_from({{3, 1}}, funding, kNow).value().answer,
            ledger::Answer::exceeds_credits);  // the developer has nothing either
  ASSERT_TRUE(port_->open_wallet(kUser));
  const auto reserved = port_->reserve(wanted(300)).value();
  ASSERT_TRUE(port_->post(reserved.transfer, {300}).value().ok());
  ASSERT_TRUE(cashier_->fund_rewards(funding, kNow).value().ok());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(port_->reward(reward).value().ok());
  EXPECT_EQ(port_->balance(wallet_of({{1, 2}})).value().available.value, 200);
}

}  // namespace
}  // namespace plmm::economy
