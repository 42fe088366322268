// Tests of the flow of money from a grant to a payout.
#include "economy/cashier.h"

#include "economy/ledger_fixture.h"
#include "protocol/pricing.h"

namespace plmm::economy {
namespace {

using ledger::Answer;

constexpr HolderId kUser{{1, 1}};
constexpr HolderId kOther{{1, 2}};
constexpr HolderId kArtExpert{{2, 1}};
constexpr HolderId kDeveloper{{3, 1}};

class CashierTest : public EconomyTest {
 protected:
  void SetUp() override {
    EconomyTest::SetUp();
    ledger_.emplace(opened());
    cashier_.emplace(*ledger_, CashierSettings{.operator_id = {{9, 9}}, .play_money = {1'000}});
    ASSERT_TRUE(cashier_->open_expert(kArtExpert, kDeveloper, kNow));
    ASSERT_TRUE(cashier_->grant_play_money(kUser, kNow).value().ok());
    ASSERT_TRUE(cashier_->open_user(kOther, kNow));
  }
  void TearDown() override {
    ledger_->read([](LedgerStore& store) { expect_sound(store); });
    cashier_.reset();
    ledger_.reset();
    EXPECT_TRUE(LedgerStore::open(file()));
    EconomyTest::TearDown();
  }

  Reply reserved(std::uint64_t request, std::int64_t max, std::int64_t expires_ms = 0) {
    return cashier_
        ->reserve({.payer = kUser,
                   .expert = kArtExpert,
                   .request = {{4, request}},
                   .price_max = {max},
                   .expires_ms = expires_ms},
                  kNow)
        .value();
  }
  Reply posted(const Reply& reservation, std::int64_t exact) {
    return cashier_->post(reservation.receipt.id, {exact}, kNow).value();
  }
  std::int64_t available(AccountId account) {
    return cashier_->balance(account).value().available.value;
  }
  Reply rewarded(std::uint64_t contribution, std::int64_t amount) {
    return cashier_
        ->reward({.expert = kArtExpert,
                  .contributor = kOther,
                  .contribution = {6, contribution},
                  .amount = {amount}},
                 kNow)
        .value();
  }
  Reply funded_with(std::uint64_t id, std::int64_t amount) {
    return cashier_->fund_rewards({.expert = kArtExpert, .id = {7, id}, .amount = {amount}}, kNow)
        .value();
  }

  std::optional<SharedLedger> ledger_;
  std::optional<Cashier> cashier_;
};

TEST_F(CashierTest, quote_reserve_post_receipt) {
  const protocol::PriceCard card{{10}, {200}, {600}};
  const Microcredits max = protocol::price(card, {500, 1'000}).value();
  const Reply reservation = reserved(1, max.value);
  EXPECT_EQ(available(wallet_of(kUser)), 1'000 - 710);
  const Reply reply = posted(reservation, protocol::price(card, {500, 120}).value().value);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(available(wallet_of(kUser)), 1'000 - 182);
  EXPECT_EQ(available(revenue_of(kArtExpert)), 182);
  const Receipt& receipt = reply.receipt;
  EXPECT_EQ(receipt.debit, wallet_of(kUser));
  EXPECT_EQ(receipt.credit, revenue_of(kArtExpert));
  EXPECT_EQ(receipt.amount.value, 182);
  EXPECT_EQ(receipt.reference, reservation_id(kUser, {4, 1}).value);
  ledger_->read([&](LedgerStore& store) {
    EXPECT_EQ(store.chain_at(receipt.sequence).value(), receipt.chain);
  });
}

TEST_F(CashierTest, everything_may_be_repeated_and_happens_once) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(cashier_->grant_play_money(kUser, kNow + i).value().ok());
    const Reply reservation = reserved(1, 400);
    EXPECT_TRUE(reservation.ok());
    EXPECT_TRUE(posted(reservation, 300).ok());
    EXPECT_TRUE(funded_with(1, 100).ok());
    EXPECT_TRUE(rewarded(1, 40).ok());
  }
  EXPECT_EQ(posted(reserved(1, 400), 300).receipt.chain,
            posted(reserved(1, 400), 300).receipt.chain);
  EXPECT_EQ(available(wallet_of(kUser)), 700);
  EXPECT_EQ(available(wallet_of(kOther)), 40);
  EXPECT_EQ(available(reward_pool_of(kArtExpert)), 60);
}

TEST_F(CashierTest, a_reservation_is_settled_once) {
  const Reply reservation = reserved(1, 400);
  EXPECT_EQ(posted(reservation, 401).answer, Answer::exceeds_reservation);
  EXPECT_TRUE(posted(reservation, 400).ok());  // a refused amount does not block the right one
  EXPECT_EQ(posted(reservation, 300).answer, Answer::id_used_with_other_body);
  EXPECT_EQ(cashier_->void_(reservation.receipt.id, kNow).value().answer, Answer::already_posted);
  EXPECT_EQ(available(revenue_of(kArtExpert)), 400);
}

TEST_F(CashierTest, a_void_and_an_expiry_give_the_money_back) {
  const Reply first = reserved(1, 400);
  const Reply second = reserved(2, 500, kNow + 100);
  EXPECT_EQ(available(wallet_of(kUser)), 100);
  EXPECT_TRUE(cashier_->void_(first.receipt.id, kNow).value().ok());
  EXPECT_EQ(available(wallet_of(kUser)), 500);
  EXPECT_EQ(cashier_->expire(kNow + 100).value(), std::vector{second.receipt.id});
  EXPECT_EQ(available(wallet_of(kUser)), 1'000);
  EXPECT_EQ(posted(second, 1).answer, Answer::already_expired);
}

TEST_F(CashierTest, who_has_not_enough_is_told_what_to_do) {
  const Reply refused = reserved(1, 1'001);
  EXPECT_EQ(refused.answer, Answer::exceeds_credits);
  EXPECT_EQ(refused.receipt.sequence, 0U);
  EXPECT_NE(explain(refused.answer).find("add credits"), std::string_view::npos);
  EXPECT_EQ(reserved(1, 1'001).answer, Answer::exceeds_credits);
  EXPECT_TRUE(reserved(2, 1'000).ok());
  for (int answer = 0; answer < 60; ++answer) {
    EXPECT_FALSE(explain(static_cast<Answer>(answer)).empty());
  }
}

TEST_F(CashierTest, a_reward_waits_for_its_pool) {
  EXPECT_EQ(rewarded(1, 50).answer, Answer::exceeds_credits);
  EXPECT_EQ(rewarded(1, 50).answer, Answer::exceeds_credits);
  EXPECT_TRUE(posted(reserved(1, 400), 200).ok());
  EXPECT_TRUE(funded_with(1, 80).ok());
  EXPECT_TRUE(rewarded(1, 50).ok());
  EXPECT_TRUE(rewarded(1, 50).ok());
  EXPECT_EQ(available(wallet_of(kOther)), 50);
  EXPECT_EQ(rewarded(1, 20).answer, Answer::id_used_with_other_body);
}

TEST_F(CashierTest, requests_of_two_users_with_the_same_id_do_not_meet) {
  ASSERT_TRUE(cashier_->grant_play_money(kOther, kNow).value().ok());
  EXPECT_TRUE(reserved(1, 10).ok());
  const Reservation same{
      .payer = kOther, .expert = kArtExpert, .request = {{4, 1}}, .price_max = {20}};
  EXPECT_TRUE(cashier_->reserve(same, kNow).value().ok());
}

TEST_F(CashierTest, earnings_add_up) {
  EXPECT_TRUE(posted(reserved(1, 400), 300).ok());
  EXPECT_TRUE(posted(reserved(2, 400), 200).ok());
  EXPECT_TRUE(reserved(3, 90).ok());
  EXPECT_TRUE(funded_with(1, 120).ok());
  EXPECT_TRUE(rewarded(1, 70).ok());
  const Payout payout{.expert = kArtExpert, .developer = kDeveloper, .id = {8, 1}, .amount = {150}};
  EXPECT_TRUE(cashier_->pay_out(payout, kNow).value().ok());
  const Earnings earnings = cashier_->earnings(kArtExpert).value();
  EXPECT_EQ(earnings.n_answers, 2U);
  EXPECT_EQ(earnings.earned.value, 500);
  EXPECT_EQ(earnings.incoming.value, 90);
  EXPECT_EQ(earnings.available.value, 230);
  EXPECT_EQ(earnings.paid_out.value, 150);
  EXPECT_EQ(earnings.rewards_funded.value, 120);
  EXPECT_EQ(earnings.rewards_paid.value, 70);
  EXPECT_EQ(earnings.rewards_left.value, 50);
  EXPECT_EQ(available(developer_of(kDeveloper)), 150);
  EXPECT_EQ(cashier_->statement(revenue_of(kArtExpert), 0, 10).value().lines.size(), 4U);
  EXPECT_EQ(cashier_->earnings(kUser).error().code, ErrorCode::not_found);
}

TEST_F(CashierTest, a_share_of_each_answer_goes_to_the_rewards_once) {
  Cashier sharing(*ledger_, {.operator_id = {{9, 9}}, .reward_percent = 20});
  const Reply reservation = reserved(1, 500);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(sharing.post(reservation.receipt.id, {404}, kNow).value().ok());
  }
  EXPECT_EQ(available(reward_pool_of(kArtExpert)), 80);
  EXPECT_EQ(available(revenue_of(kArtExpert)), 404 - 80);
}

TEST_F(CashierTest, a_new_expert_and_its_developer_get_play_money_once) {
  Cashier giving(*ledger_,
                 {.operator_id = {{9, 9}}, .pool_play_money = {70}, .developer_play_money = {90}});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(giving.open_expert(kArtExpert, kDeveloper, kNow));
  EXPECT_EQ(available(reward_pool_of(kArtExpert)), 70);
  EXPECT_EQ(available(developer_of(kDeveloper)), 90);
  const Funding funding{.expert = kArtExpert, .id = {7, 1}, .amount = {60}};
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(giving.fund_rewards_from(kDeveloper, funding, kNow).value().ok());
  }
  EXPECT_EQ(available(reward_pool_of(kArtExpert)), 130);
  EXPECT_EQ(cashier_->earnings(kArtExpert).value().rewards_funded.value, 0);  // of the revenue
}

}  // namespace
}  // namespace plmm::economy
