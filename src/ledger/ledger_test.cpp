// Tests of the ledger: each answer has the smallest chain that gets it.
#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "ledger/invariants.h"

namespace plmm::ledger {
namespace {

constexpr std::int64_t kNow = 1'000;
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

AccountId account_id(AccountKind kind, std::uint64_t number) { return {kind, {{0, number}}}; }
TransferId transfer_id(std::uint64_t number) { return {{7, number}}; }

const AccountId kIssuance = account_id(AccountKind::issuance, 1);
const AccountId kAlice = account_id(AccountKind::user_wallet, 1);
const AccountId kBob = account_id(AccountKind::user_wallet, 2);
const AccountId kExpert = account_id(AccountKind::expert_revenue, 1);

Transfer direct(std::uint64_t id, AccountId from, AccountId to, std::int64_t amount) {
  return {.id = transfer_id(id), .debit = from, .credit = to, .amount = {amount}};
}
Transfer reserve(std::uint64_t id, std::int64_t amount, std::int64_t expires_ms = 0) {
  Transfer out = direct(id, kAlice, kExpert, amount);
  out.kind = TransferKind::pending;
  out.expires_ms = expires_ms;
  return out;
}
Transfer post(std::uint64_t id, std::uint64_t reservation, std::int64_t amount) {
  return {.id = transfer_id(id),
          .kind = TransferKind::post,
          .amount = {amount},
          .reservation = transfer_id(reservation)};
}
Transfer release(std::uint64_t id, std::uint64_t reservation) {
  return {
      .id = transfer_id(id), .kind = TransferKind::void_, .reservation = transfer_id(reservation)};
}

/// Alice has 100 micro-credits, Bob and the expert none.
class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    ledger_.create_account(kIssuance, Limit::none, kNow);
    for (const AccountId id : {kAlice, kBob, kExpert}) {
      ledger_.create_account(id, Limit::debits_must_not_exceed_credits, kNow);
    }
    expect(direct(1, kIssuance, kAlice, 100), Answer::ok);
  }
  void TearDown() override {
    const auto sound = check_invariants(ledger_);
    EXPECT_TRUE(sound) << sound.error().what;
  }

  Outcome apply(const Transfer& transfer, std::int64_t now_ms = kNow) {
    return ledger_.apply({&transfer, 1}, now_ms);
  }
  void expect(const Transfer& transfer, Answer answer, std::int64_t now_ms = kNow) {
    const Outcome outcome = apply(transfer, now_ms);
    ASSERT_EQ(outcome.answers.size(), 1U);
    EXPECT_EQ(name_of(outcome.answers[0]), name_of(answer));
  }
  /// Refused by its form: nothing is recorded.
  void expect_refused(const Transfer& transfer, Answer answer) {
    const std::uint64_t before = ledger_.sequence();
    expect(transfer, answer);
    EXPECT_EQ(ledger_.sequence(), before);
  }
  /// Refused by the state: recorded, and the same for ever.
  void expect_recorded(const Transfer& transfer, Answer answer, std::int64_t now_ms = kNow) {
    const Outcome outcome = apply(transfer, now_ms);
    EXPECT_EQ(outcome.effect, Effect::recorded);
    EXPECT_EQ(name_of(outcome.answers[0]), name_of(answer));
    EXPECT_FALSE(outcome.ok());
    expect(direct(900 + transfer.id.value.low, kIssuance, kAlice, 1'000), Answer::ok);
    const Outcome again = apply(transfer, now_ms);
    EXPECT_EQ(again.effect, Effect::repeated);
    EXPECT_EQ(again.answers, outcome.answers);
    EXPECT_EQ(again.sequence, outcome.sequence);
  }
  /// Posted and pending debits, then credits.
  std::vector<std::int64_t> sums(AccountId id) const {
    const Account* a = ledger_.account(id);
    return {a->debits_posted.value, a->debits_pending.value, a->credits_posted.value,
            a->credits_pending.value};
  }
  using Sums = std::vector<std::int64_t>;

  Ledger ledger_;
};

TEST_F(LedgerTest, a_direct_transfer_moves_money) {
  expect(direct(2, kAlice, kBob, 100), Answer::ok);
  EXPECT_EQ(sums(kAlice), (Sums{100, 0, 100, 0}));
  EXPECT_EQ(sums(kBob), (Sums{0, 0, 100, 0}));
  EXPECT_EQ(sums(kIssuance), (Sums{100, 0, 0, 0}));
}

TEST_F(LedgerTest, a_post_pays_what_was_used_and_lets_go_of_the_rest) {
  expect(reserve(2, 80), Answer::ok);
  EXPECT_EQ(sums(kAlice), (Sums{0, 80, 100, 0}));
  EXPECT_EQ(sums(kExpert), (Sums{0, 0, 0, 80}));
  expect(post(3, 2, 30), Answer::ok);
  EXPECT_EQ(sums(kAlice), (Sums{30, 0, 100, 0}));
  EXPECT_EQ(sums(kExpert), (Sums{0, 0, 30, 0}));
  EXPECT_EQ(ledger_.record(transfer_id(3))->debit, kAlice);
  expect(direct(4, kAlice, kBob, 70), Answer::ok);
}

TEST_F(LedgerTest, a_void_lets_go_of_all) {
  expect(reserve(2, 100), Answer::ok);
  expect(release(3, 2), Answer::ok);
  EXPECT_EQ(sums(kAlice), (Sums{0, 0, 100, 0}));
  EXPECT_EQ(sums(kExpert), (Sums{0, 0, 0, 0}));
}

TEST_F(LedgerTest, reservations_expire_in_the_order_of_their_times) {
  expect(reserve(2, 10, 3'000), Answer::ok);
  expect(reserve(3, 10, 2'000), Answer::ok);
  expect(reserve(4, 10, 4'000), Answer::ok);
  expect(reserve(5, 10), Answer::ok);  // never
  expect(reserve(6, 10, 2'500), Answer::ok);
  expect(release(7, 6), Answer::ok);
  EXPECT_TRUE(ledger_.expire(1'999).empty());
  const std::uint64_t before = ledger_.sequence();
  EXPECT_EQ(ledger_.expire(3'000), (std::vector{transfer_id(3), transfer_id(2)}));
  EXPECT_EQ(ledger_.sequence(), before + 1);
  EXPECT_EQ(sums(kAlice), (Sums{0, 20, 100, 0}));
  EXPECT_EQ(ledger_.record(transfer_id(2))->state, ReservationState::expired);
}

TEST_F(LedgerTest, time_never_runs_backwards) {
  expect(reserve(2, 10, 3'000), Answer::ok);
  expect(direct(3, kAlice, kBob, 1), Answer::ok, 3'000);
  expect(post(4, 2, 1), Answer::already_expired, 2'000);
  EXPECT_EQ(ledger_.record(transfer_id(4))->time_ms, 3'000);
}

TEST_F(LedgerTest, the_same_id_and_body_get_the_same_answer_once) {
  const Transfer transfer = direct(2, kAlice, kBob, 60);
  const Outcome first = apply(transfer);
  const Outcome again = apply(transfer, kNow + 1);
  EXPECT_EQ(first.effect, Effect::recorded);
  EXPECT_EQ(again.effect, Effect::repeated);
  EXPECT_TRUE(again.ok());
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(sums(kBob), (Sums{0, 0, 60, 0}));
}

TEST_F(LedgerTest, a_post_repeated_after_the_fact_is_still_ok) {
  expect(reserve(2, 10), Answer::ok);
  expect(post(3, 2, 5), Answer::ok);
  expect(post(3, 2, 5), Answer::ok);
  expect(reserve(2, 10), Answer::ok);
}

TEST_F(LedgerTest, an_account_is_created_once) {
  const auto create = [&](AccountId id, Limit limit) {
    return ledger_.create_account(id, limit, kNow);
  };
  EXPECT_EQ(create(kAlice, Limit::debits_must_not_exceed_credits).effect, Effect::repeated);
  EXPECT_EQ(create(kAlice, Limit::none).answers[0], Answer::id_used_with_other_body);
  EXPECT_EQ(create(account_id(AccountKind::developer, 0), Limit::none).answers[0],
            Answer::id_is_zero);
  EXPECT_EQ(ledger_.account(account_id(AccountKind::developer, 1)), nullptr);
}

TEST_F(LedgerTest, refuses_what_its_form_forbids) {
  Transfer no_id = direct(2, kAlice, kBob, 1);
  no_id.id = {};
  expect_refused(no_id, Answer::id_is_zero);
  expect_refused(direct(2, kAlice, kAlice, 1), Answer::accounts_are_the_same);
  expect_refused(direct(2, kAlice, kBob, 0), Answer::amount_not_positive);
  expect_refused(direct(2, kAlice, kBob, -1), Answer::amount_not_positive);
  expect_refused(reserve(2, -1), Answer::amount_not_positive);
  expect_refused(post(2, 1, 0), Answer::amount_not_positive);
  expect_refused(reserve(2, 1, -1), Answer::expiry_is_negative);
  Transfer no_reservation = post(2, 1, 1);
  no_reservation.reservation = {};
  expect_refused(no_reservation, Answer::reservation_is_zero);
}

TEST_F(LedgerTest, refuses_fields_that_the_kind_does_not_use) {
  Transfer with_reservation = direct(2, kAlice, kBob, 1);
  with_reservation.reservation = transfer_id(1);
  expect_refused(with_reservation, Answer::field_not_used);
  Transfer with_expiry = direct(2, kAlice, kBob, 1);
  with_expiry.expires_ms = 2'000;
  expect_refused(with_expiry, Answer::field_not_used);
  Transfer with_account = post(2, 1, 1);
  with_account.credit = kBob;
  expect_refused(with_account, Answer::field_not_used);
  Transfer with_amount = release(2, 1);
  with_amount.amount = {1};
  expect_refused(with_amount, Answer::field_not_used);
}

TEST_F(LedgerTest, refuses_the_same_id_with_another_body) {
  expect(direct(2, kAlice, kBob, 1), Answer::ok);
  expect_refused(direct(2, kAlice, kBob, 2), Answer::id_used_with_other_body);
  expect_refused(direct(2, kBob, kAlice, 1), Answer::id_used_with_other_body);
  Transfer other_purpose = direct(2, kAlice, kBob, 1);
  other_purpose.purpose = Purpose::reward;
  expect_refused(other_purpose, Answer::id_used_with_other_body);
}

TEST_F(LedgerTest, refuses_accounts_that_are_not_there) {
  const AccountId nobody = account_id(AccountKind::user_wallet, 99);
  expect_recorded(direct(2, nobody, kBob, 1), Answer::debit_account_not_found);
  expect_recorded(direct(3, kAlice, nobody, 1), Answer::credit_account_not_found);
}

TEST_F(LedgerTest, refuses_debits_above_credits_reservations_included) {
  expect(reserve(2, 60), Answer::ok);
  expect_recorded(direct(3, kAlice, kBob, 41), Answer::exceeds_credits);
  expect_recorded(direct(4, kBob, kAlice, 1), Answer::exceeds_credits);
}

TEST_F(LedgerTest, money_that_is_only_reserved_cannot_be_spent_by_its_receiver) {
  expect(reserve(2, 60), Answer::ok);
  expect_recorded(direct(3, kExpert, kBob, 1), Answer::exceeds_credits);
}

TEST_F(LedgerTest, refuses_sums_that_do_not_fit) {
  const AccountId source = account_id(AccountKind::issuance, 2);
  ledger_.create_account(source, Limit::none, kNow);
  expect(direct(2, source, kBob, kInt64Max), Answer::ok);
  expect_recorded(direct(3, source, kExpert, 1), Answer::amount_overflows);
  expect_recorded(direct(4, kIssuance, kBob, 1), Answer::amount_overflows);
}

TEST_F(LedgerTest, refuses_to_end_what_is_no_open_reservation) {
  expect_recorded(post(2, 77, 1), Answer::reservation_not_found);
  expect_recorded(post(3, 1, 1), Answer::reservation_not_found);  // a direct transfer
  expect_recorded(post(4, 4, 1), Answer::reservation_not_found);  // itself
  expect_recorded(reserve(5, 999'999), Answer::exceeds_credits);
  expect_recorded(post(6, 5, 1), Answer::reservation_not_found);  // one that was refused
}

TEST_F(LedgerTest, refuses_a_second_end) {
  expect(reserve(2, 10), Answer::ok);
  expect_recorded(post(3, 2, 11), Answer::exceeds_reservation);
  expect(post(4, 2, 10), Answer::ok);
  expect_recorded(post(5, 2, 10), Answer::already_posted);
  expect_recorded(release(6, 2), Answer::already_posted);
  expect(reserve(7, 10), Answer::ok);
  expect(release(8, 7), Answer::ok);
  expect_recorded(post(9, 7, 10), Answer::already_voided);
}

TEST_F(LedgerTest, refuses_a_post_from_the_time_of_expiry_on) {
  expect_recorded(reserve(2, 10, kNow), Answer::expires_in_the_past);
  expect(reserve(3, 10, kNow + 2), Answer::ok);
  expect(reserve(4, 10, kNow + 2), Answer::ok);
  expect(post(5, 3, 10), Answer::ok, kNow + 1);
  expect_recorded(post(6, 4, 10), Answer::already_expired, kNow + 2);  // before expire() came
  EXPECT_EQ(ledger_.expire(kNow + 2), std::vector{transfer_id(4)});
  expect_recorded(release(7, 4), Answer::already_expired);
}

using Answers = std::vector<Answer>;

TEST_F(LedgerTest, a_chain_is_applied_as_a_whole) {
  const std::vector chain{reserve(2, 50), post(3, 2, 40), direct(4, kExpert, kBob, 10)};
  EXPECT_EQ(ledger_.apply(chain, kNow).answers, Answers(3, Answer::ok));
  EXPECT_EQ(sums(kExpert), (Sums{10, 0, 40, 0}));
  EXPECT_EQ(ledger_.apply(chain, kNow).effect, Effect::repeated);
}

TEST_F(LedgerTest, a_chain_with_one_refused_transfer_leaves_nothing) {
  expect(reserve(2, 10, 5'000), Answer::ok);
  const Account before = *ledger_.account(kAlice);
  const std::vector chain{post(3, 2, 10), reserve(4, 20, 6'000), direct(5, kBob, kExpert, 1),
                          direct(6, kAlice, kBob, 1)};
  const Answers wanted{Answer::linked_failed, Answer::linked_failed, Answer::exceeds_credits,
                       Answer::linked_failed};
  EXPECT_EQ(ledger_.apply(chain, kNow).answers, wanted);
  EXPECT_EQ(*ledger_.account(kAlice), before);
  EXPECT_EQ(ledger_.record(transfer_id(2))->state, ReservationState::open);
  expect(direct(7, kAlice, kBob, 5), Answer::ok);  // the reason is gone, the answer is not
  const Outcome again = ledger_.apply(chain, kNow);
  EXPECT_EQ(again.effect, Effect::repeated);
  EXPECT_EQ(again.answers, wanted);
  EXPECT_EQ(ledger_.expire(9'000), std::vector{transfer_id(2)});
}

TEST_F(LedgerTest, the_chain_is_part_of_the_body) {
  const std::vector chain{direct(2, kAlice, kBob, 1), direct(3, kAlice, kBob, 2)};
  EXPECT_TRUE(ledger_.apply(chain, kNow).ok());
  expect_refused(chain[1], Answer::id_used_with_other_body);
  expect_refused(chain[0], Answer::id_used_with_other_body);
  const std::vector turned{chain[1], chain[0]};
  EXPECT_EQ(ledger_.apply(turned, kNow).answers,
            (Answers{Answer::id_used_with_other_body, Answer::linked_failed}));
  const std::vector half_new{chain[0], direct(4, kAlice, kBob, 2)};
  EXPECT_EQ(ledger_.apply(half_new, kNow).answers,
            (Answers{Answer::id_used_with_other_body, Answer::linked_failed}));
  const std::vector other_half_new{direct(5, kAlice, kBob, 1), chain[1]};
  EXPECT_EQ(ledger_.apply(other_half_new, kNow).answers,
            (Answers{Answer::linked_failed, Answer::id_used_with_other_body}));
  EXPECT_EQ(ledger_.record(transfer_id(5)), nullptr);
}

TEST_F(LedgerTest, refuses_chains_of_a_wrong_form) {
  EXPECT_EQ(ledger_.apply({}, kNow).answers, Answers{Answer::chain_is_empty});
  const std::vector repeated{direct(2, kAlice, kBob, 1), direct(2, kAlice, kBob, 1)};
  EXPECT_EQ(ledger_.apply(repeated, kNow).answers,
            (Answers{Answer::linked_failed, Answer::id_repeated_in_chain}));
  std::vector<Transfer> chain;
  for (std::uint64_t id = 10; chain.size() < kChainSizeMax; ++id) {
    chain.push_back(direct(id, kAlice, kBob, 1));
  }
  EXPECT_TRUE(ledger_.apply(chain, kNow).ok());
  chain.push_back(direct(99, kAlice, kBob, 1));
  EXPECT_EQ(ledger_.apply(chain, kNow).answers[0], Answer::chain_too_long);
}

TEST(Amount, is_written_in_credits) {
  EXPECT_EQ(to_text(Microcredits{3'100}), "0.0031 credits");
  EXPECT_EQ(to_text(Microcredits{-1'036}), "-0.001036 credits");
  EXPECT_EQ(to_text(Microcredits{100'000'000}), "100.0000 credits");
  EXPECT_EQ(to_text(Microcredits{std::numeric_limits<std::int64_t>::min()}),
            "-9223372036854.775808 credits");
}

TEST(LedgerNames, each_answer_has_its_own) {
  std::vector<std::string_view> names;
  for (int code = 0; code < 256; ++code) {
    const std::string_view name = name_of(static_cast<Answer>(code));
    if (name != "unknown") names.push_back(name);
  }
  EXPECT_EQ(names.size(), 22U);
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(LedgerAmounts, are_added_only_when_the_sum_fits) {
  EXPECT_EQ(checked_add(Microcredits{2}, Microcredits{-5}), Microcredits{-3});
  EXPECT_EQ(checked_add(Microcredits{kInt64Max}, Microcredits{1}), std::nullopt);
}

}  // namespace
}  // namespace plmm::ledger
