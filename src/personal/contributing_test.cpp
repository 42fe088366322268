// A correction on its way out: what is shown, what leaves, and which verdicts count.
#include "personal/contributing.h"

#include "personal/asking_fixture.h"
#include "protocol/example.h"

namespace plmm::personal {
namespace {

class ContributingTest : public AskingFixture {
 protected:
  Contributing contributing() {
    return Contributing({*vault_, redactor_, expert_, [this] { return now_ms_; }, key_});
  }
  static Correction correction(const std::string& statement = "A mutex was written by Ada.") {
    return {.question = Personal(std::string("Who wrote the mutex?")),
            .statement = Personal(statement),
            .answers = {Personal(std::string("Ada"))}};
  }
  Result<ContributionEnd> send(const Correction& correction) {
    auto contributing = this->contributing();
    const auto preview = contributing.prepare(correction);
    if (!preview) return std::unexpected(preview.error());
    return contributing.send(cancel_);
  }

  const crypto::KeyPair key_ = protocol::example_contributor();
};

TEST_F(ContributingTest, exactly_what_was_shown_leaves_and_the_verdict_is_kept) {
  auto contributing = this->contributing();
  const auto preview = contributing.prepare(correction());
  ASSERT_TRUE(preview) << preview.error().what;
  EXPECT_EQ(preview->lines, (std::vector<std::string>{"question: Who wrote the mutex?",
                                                      "correct: A mutex was written by Ada.",
                                                      "answer: Ada", "licence: CC BY 4.0"}));
  EXPECT_TRUE(expert_.contributed.empty());
  EXPECT_TRUE(outbox().empty());
  const auto end = contributing.send(cancel_);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(end->verdict.accepted());
  ASSERT_EQ(expert_.contributed.size(), 1U);
  EXPECT_EQ(*protocol::to_json(expert_.contributed[0]), preview->bytes);
  EXPECT_TRUE(protocol::verify_contribution(expert_.contributed[0]));
  ASSERT_EQ(outbox().size(), 1U);
  const auto entry = outbox()[0];
  EXPECT_EQ(entry.kind, OutboxKind::contribution);
  EXPECT_EQ(entry.bytes.reveal(Purpose::compare), preview->bytes);
  EXPECT_EQ(entry.state, Sending::paid);
  EXPECT_EQ(*entry.verdict, end->verdict);
}

TEST_F(ContributingTest, what_the_vault_knows_is_replaced_and_said) {
  tell(Slot::name, "Zyxwander");
  auto contributing = this->contributing();
  const auto preview = contributing.prepare(correction("Zyxwander says that Ada wrote it."));
  ASSERT_TRUE(preview) << preview.error().what;
  EXPECT_EQ(preview->bytes.find("Zyxwander"), std::string::npos);
  ASSERT_EQ(preview->replaced.size(), 1U);
  EXPECT_NE(preview->lines[1].find(preview->replaced[0].placeholder), std::string::npos);
}

TEST_F(ContributingTest, nothing_leaves_that_the_vault_knows_within_a_word) {
  tell(Slot::name, "Zyxwander");
  const auto sent = send(correction("xZyxwanderx wrote it."));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(expert_.contributed.empty());
  EXPECT_TRUE(outbox().empty());
}

TEST_F(ContributingTest, the_same_correction_is_the_same_contribution) {
  const auto first = send(correction());
  now_ms_ += 1'000;
  auto contributing = this->contributing();
  EXPECT_TRUE(contributing.prepare(correction())->was_sent);
  const auto second = contributing.send(cancel_);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->verdict, second->verdict);
  EXPECT_EQ(expert_.contributed[0], expert_.contributed[1]);
  EXPECT_EQ(outbox().size(), 1U);
  ASSERT_TRUE(send(correction("It was written by Ada and Bob.")));
  EXPECT_NE(expert_.contributed[2].id, expert_.contributed[0].id);
}

TEST_F(ContributingTest, a_refusal_to_judge_is_said_and_can_be_tried_again) {
  expert_.refuses = Error{ErrorCode::offline, "connection refused"};
  const auto sent = send(correction());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::offline);
  EXPECT_NE(sent.error().what.find("can be sent again"), std::string::npos);
  EXPECT_EQ(outbox()[0].state, Sending::failed);
  expert_.refuses.reset();
  ASSERT_TRUE(send(correction()));
  EXPECT_EQ(outbox().size(), 1U);
  EXPECT_EQ(outbox()[0].state, Sending::paid);
}

TEST_F(ContributingTest, a_verdict_that_does_not_hold_is_not_believed) {
  expert_.spoil_verdict = [](protocol::Verdict& verdict) { verdict.reward.value += 1; };
  const auto sent = send(correction());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::corrupt_data);
  EXPECT_FALSE(outbox()[0].verdict);
}

TEST_F(ContributingTest, nothing_is_sent_without_a_preview_after_a_no_or_a_stop) {
  auto contributing = this->contributing();
  EXPECT_EQ(contributing.send(cancel_).error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(contributing.prepare(correction()));
  contributing.decline();
  EXPECT_EQ(contributing.send(cancel_).error().code, ErrorCode::invalid_argument);
  cancel_.request();
  EXPECT_EQ(send(correction()).error().code, ErrorCode::cancelled);
  EXPECT_TRUE(expert_.contributed.empty());
}

TEST_F(ContributingTest, texts_have_limits) {
  EXPECT_EQ(send(correction(std::string(1 << 20, 'x'))).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(send(correction("\xFF")).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(send(correction(" ")).error().code, ErrorCode::invalid_argument);
}

TEST_F(ContributingTest, another_key_of_the_expert_is_said) {
  ASSERT_TRUE(send(correction()));
  expert_.card_value.public_key = protocol::example_contributor().public_key();
  auto contributing = this->contributing();
  EXPECT_EQ(contributing.prepare(correction())->key, KeyStanding::changed);
}

TEST_F(ContributingTest, settling_questions_leaves_contributions_alone) {
  OutboxEntry entry;
  entry.kind = OutboxKind::contribution;
  entry.expert = "it";
  entry.time_ms = kNow;
  ASSERT_TRUE(Outbox(*vault_).add(entry));
  const auto settled = settle(*vault_, ledger_, [] { return kNow + 2 * kReservationMs; });
  ASSERT_TRUE(settled) << settled.error().what;
  EXPECT_EQ(outbox()[0].state, Sending::on_its_way);
}

}  // namespace
}  // namespace plmm::personal
