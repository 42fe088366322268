// Tests of paying: what the ledger hears, whatever becomes of the answer.
#include "expert/paid_expert.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/example.h"
#include "protocol/ids.h"

namespace plmm::expert {
namespace {

using protocol::Reservation;

/// Answers at once.
class Quick : public protocol::ExpertPort {
 public:
  Result<protocol::AnswerEnd> end = protocol::example_end();
  int n_asked = 0;

  Result<protocol::ExpertCard> card() override { return protocol::example_card(); }
  Result<protocol::AnswerEnd> ask(const protocol::Ask&, const protocol::OnChunk&,
                                  const Cancel&) override {
    ++n_asked;
    return end;
  }
  Result<protocol::Verdict> contribute(const protocol::Contribution&, const Cancel&) override {
    return fail(ErrorCode::unsupported, "it learns nothing");
  }
};

/// Holds one reservation and writes down what it is told.
class Notes : public protocol::LedgerPort {
 public:
  Result<Reservation> held =
      Reservation{.payer = protocol::example_ask().payer,
                  .expert = protocol::holder_of(protocol::example_key().public_key()),
                  .request = protocol::example_ask().request,
                  .price_max = protocol::example_ask().price_max,
                  .expires_ms = 0};
  ledger::Answer answer = ledger::Answer::ok;
  std::vector<std::int64_t> posted;
  int n_voided = 0;

  Result<protocol::Balance> open_wallet(ledger::HolderId) override { return {}; }
  Result<protocol::LedgerReply> reserve(const Reservation&) override { return {}; }
  Result<protocol::LedgerReply> post(ledger::TransferId, ledger::Microcredits exact) override {
    posted.push_back(exact.value);
    return protocol::LedgerReply{.answer = answer, .transfer = {}, .sequence = 1};
  }
  Result<protocol::LedgerReply> void_(ledger::TransferId) override {
    ++n_voided;
    return {};
  }
  Result<protocol::LedgerReply> reward(const protocol::Reward&) override { return {}; }
  Result<Reservation> reservation(ledger::TransferId) override { return held; }
  Result<protocol::Balance> balance(ledger::AccountId) override { return {}; }
  Result<protocol::StatementPage> statement(ledger::AccountId, std::uint64_t,
                                            std::size_t) override {
    return {};
  }
};

class PaidExpertTest : public testing::Test {
 protected:
  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask = protocol::example_ask()) {
    return PaidExpert(quick_, notes_).ask(ask, [](const protocol::AnswerChunk&) {}, Cancel());
  }
  Quick quick_;
  Notes notes_;
};

TEST_F(PaidExpertTest, takes_exactly_what_the_receipt_says) {
  ASSERT_TRUE(ask());
  EXPECT_EQ(notes_.posted, std::vector{protocol::example_end().receipt.price.value});
  EXPECT_EQ(notes_.n_voided, 0);
}

TEST_F(PaidExpertTest, lets_go_when_there_is_no_answer_or_no_price) {
  quick_.end = fail(ErrorCode::cancelled, "stopped");
  EXPECT_EQ(ask().error().code, ErrorCode::cancelled);
  quick_.end = protocol::example_end();
  quick_.end->receipt.price = {};
  EXPECT_TRUE(ask());
  EXPECT_EQ(notes_.n_voided, 2);
  EXPECT_TRUE(notes_.posted.empty());
}

TEST_F(PaidExpertTest, does_not_work_for_a_reservation_that_is_not_this_questions) {
  const auto held = *notes_.held;
  ++notes_.held->payer.value.low;
  EXPECT_FALSE(ask());
  notes_.held = held;
  ++notes_.held->expert.value.low;
  EXPECT_FALSE(ask());
  notes_.held = held;
  ++notes_.held->request.value.low;
  EXPECT_FALSE(ask());
  notes_.held = held;
  --notes_.held->price_max.value;
  EXPECT_FALSE(ask());
  notes_.held = fail(ErrorCode::not_found, "no such reservation");
  EXPECT_EQ(ask().error().code, ErrorCode::not_found);
  EXPECT_EQ(quick_.n_asked, 0);
}

TEST_F(PaidExpertTest, does_not_work_without_a_reservation) {
  auto free = protocol::example_ask();
  free.reservation = {};
  free.payer = {};
  free.price_max = {};
  EXPECT_EQ(ask(free).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(quick_.n_asked, 0);
}

TEST_F(PaidExpertTest, an_answer_that_cannot_be_paid_has_no_end) {
  notes_.answer = ledger::Answer::already_expired;
  EXPECT_NE(ask().error().what.find("already_expired"), std::string::npos);
}

}  // namespace
}  // namespace plmm::expert
