// Corrections from their signature to the verdict: what is learned, what is refused and why.
#include "expert/contributions.h"

#include <gtest/gtest.h>

#include <limits>

#include "expert/exam.h"
#include "expert/local_expert_fixture.h"
#include "expert/paid_expert.h"
#include "expert/staging.h"
#include "protocol/example.h"
#include "protocol/ids.h"

namespace plmm::expert {
namespace {

using protocol::VerdictReason;

class Judging : public AnsweringTest {
 protected:
  /// Only passages with the question's words are read, so that what the library lacks is not found.
  void teach(std::string_view model_says) {
    AnswerOptions options;
    options.similarity_min = 2;
    start(model_says, options);
  }
  static protocol::Contribution gnu(std::uint64_t id = 1) {
    protocol::Contribution out;
    out.id.value = {0, id};
    out.expert = "it";
    out.question = "What is a gnu?";
    out.correction = "A gnu is a kind of wolf.";
    out.answers = {"wolf"};
    out.licence = "CC BY 4.0";
    sign_contribution(out, protocol::example_contributor());
    return out;
  }
  static protocol::Contribution changed(std::function<void(protocol::Contribution&)> change) {
    auto out = gnu();
    change(out);
    sign_contribution(out, protocol::example_contributor());
    return out;
  }
  Result<protocol::Verdict> contribute(const protocol::Contribution& contribution) {
    return expert_->contribute(contribution, Cancel());
  }
  void expect_refused(const Result<protocol::Verdict>& verdict, VerdictReason reason) {
    ASSERT_TRUE(verdict) << verdict.error().what;
    EXPECT_EQ(verdict->reason, reason) << verdict->note;
    EXPECT_EQ(verdict->reward.value, 0);
    EXPECT_EQ(open()->card().release, 1U);
    EXPECT_EQ(open()->card().n_passages, 2U);
    EXPECT_FALSE(fs::exists(folder_ / "it/staged"));
  }
};

TEST_F(Judging, what_helps_is_learned_signed_and_rewarded) {
  teach("wolf");
  const auto card = *expert_->card();
  const auto verdict = contribute(gnu());
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_TRUE(verdict->accepted()) << verdict->note;
  EXPECT_EQ(verdict->release, 2U);
  EXPECT_EQ(verdict->reward, kRewardPerContribution);
  const auto checked = check_verdict(card, gnu(), *verdict);
  EXPECT_TRUE(checked) << checked.error().what;
  EXPECT_EQ(expert_->card()->release, 2U);
  EXPECT_EQ(expert_->card()->n_passages, 3U);
  const auto hits = open()->find("What is a gnu?", 1);
  EXPECT_EQ(hits->front().document, "contribution-00000000000000000000000000000001");
  EXPECT_EQ(hits->front().title, "What is a gnu?");
}

TEST_F(Judging, the_same_contribution_gets_the_same_verdict) {
  teach("wolf");
  const auto first = contribute(gnu());
  const auto second = contribute(gnu());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(expert_->card()->release, 2U);
  EXPECT_EQ(judged_contributions(folder_ / "it")->size(), 1U);
}

TEST_F(Judging, an_id_cannot_come_back_with_another_body) {
  teach("wolf");
  ASSERT_TRUE(contribute(gnu()));
  const auto other = contribute(changed([](auto& c) { c.correction = "A gnu is an ox."; }));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(other.error().what.find("another body"), std::string::npos) << other.error().what;
}

TEST_F(Judging, what_the_library_says_is_known) {
  teach("wolf");
  expect_refused(contribute(changed([](auto& c) {
                   c.question = "Is a mutex a lock?";
                   c.correction = "A mutex is a kind of lock.";
                   c.answers = {"kind of lock"};
                 })),
                 VerdictReason::known);
}

TEST_F(Judging, the_opposite_of_what_the_library_says_is_not_known) {
  teach("wolf");
  expect_refused(contribute(changed([](auto& c) {
                   c.question = "Is a mutex a lock?";
                   c.correction = "A mutex is not a kind of lock.";
                   c.answers = {"not"};
                 })),
                 VerdictReason::not_understood);
}

TEST_F(Judging, what_is_answered_already_is_refused) {
  teach("lock");
  expect_refused(contribute(changed([](auto& c) {
                   c.question = "What is a mutex?";
                   c.correction = "A mutex is some lock that oxen open.";
                   c.answers = {"lock"};
                 })),
                 VerdictReason::answered);
}

TEST_F(Judging, what_changes_no_answer_is_refused) {
  teach("lynx");
  expect_refused(contribute(gnu()), VerdictReason::not_understood);
}

TEST_F(Judging, what_makes_a_kept_apart_question_wrong_is_refused_with_the_figures) {
  teach("wolf");
  const std::vector<eval::ExamQuestion> exam{{"What is a mutex?", {"wolf"}, ""},
                                             {"Is a gnu a wolf?", {"nothing"}, ""}};
  ASSERT_TRUE(save_exam(folder_ / "it", exam));
  const auto verdict = contribute(gnu());
  expect_refused(verdict, VerdictReason::makes_worse);
  EXPECT_EQ(verdict->n_exam, 2U);
  EXPECT_EQ(verdict->n_affected, 1U);
  EXPECT_EQ(verdict->n_right_before, 1U);
  EXPECT_EQ(verdict->n_right_after, 0U);
}

TEST_F(Judging, a_forged_or_foreign_contribution_changes_nothing) {
  teach("wolf");
  auto forged = gnu();
  forged.contributor = protocol::example_key().public_key();
  EXPECT_EQ(contribute(forged).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(contribute(changed([](auto& c) { c.expert = "art"; })).error().code,
            ErrorCode::not_found);
  auto large = gnu();
  large.correction.assign(1 << 20, 'x');
  EXPECT_EQ(contribute(large).error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(judged_contributions(folder_ / "it")->empty());
  EXPECT_EQ(expert_->card()->release, 1U);
}

TEST_F(Judging, a_stop_changes_nothing) {
  teach("wolf");
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(expert_->contribute(gnu(), cancel).error().code, ErrorCode::cancelled);
  EXPECT_EQ(open()->card().release, 1U);
  EXPECT_TRUE(contribute(gnu())->accepted());
}

TEST_F(Judging, waits_for_nobody_else_who_changes_the_library) {
  teach("wolf");
  const auto other = StagedLibrary::stage(folder_ / "it", embedder());
  ASSERT_TRUE(other);
  EXPECT_EQ(contribute(gnu()).error().code, ErrorCode::io);
}

TEST_F(Judging, what_was_learned_and_not_written_down_is_still_accepted) {
  teach("wolf");
  ASSERT_TRUE(contribute(gnu()));
  fs::remove(folder_ / "it/contributions.jsonl");
  const auto again = contribute(gnu());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_TRUE(again->accepted());
  EXPECT_EQ(again->release, 2U);
  EXPECT_EQ(again->reward, kRewardPerContribution);
}

TEST_F(Judging, a_damaged_record_is_named) {
  teach("wolf");
  write("it/contributions.jsonl", "{}\n");
  const auto verdict = contribute(gnu());
  ASSERT_FALSE(verdict);
  EXPECT_NE(verdict.error().what.find("contributions.jsonl, line 1"), std::string::npos);
}

TEST_F(Judging, the_owner_sets_the_reward) {
  teach("wolf");
  write("it/owner.json", R"({"reward_per_contribution": 7})");
  EXPECT_EQ(contribute(gnu())->reward.value, 7);
  for (const char* bad :
       {"", "[]", R"({"reward_per_contribution": -1})", R"({"reward_per_contribution": "7"})"}) {
    write("it/owner.json", bad);
    EXPECT_EQ(reward_per_contribution(folder_ / "it").error().code, ErrorCode::corrupt_data) << bad;
  }
  write("it/owner.json", "{}");
  EXPECT_EQ(*reward_per_contribution(folder_ / "it"), kRewardPerContribution);
}

TEST(SaysCorrection, wants_half_of_what_is_new_and_a_new_number) {
  protocol::Contribution allowance;
  allowance.question = "How large is the saver's allowance?";
  allowance.correction = "The saver's allowance is 1,000 euros per person since 2023.";
  EXPECT_TRUE(says_correction("It is 1000 euros for each person.", allowance));
  EXPECT_FALSE(says_correction("It is 801 euros for each person.", allowance));
  EXPECT_FALSE(says_correction("The saver's allowance is large.", allowance));
  allowance.answers = {"1,000 euros"};
  EXPECT_TRUE(says_correction("1000 euros", allowance));
  EXPECT_FALSE(says_correction("1000 pounds per person since 2023", allowance));
}

/// Remembers who was paid; the pool holds so much.
class Pool : public protocol::LedgerPort {
 public:
  std::int64_t left = 0;
  std::vector<protocol::Reward> paid;

  Result<protocol::LedgerReply> reward(const protocol::Reward& reward) override {
    if (std::ranges::find(paid, reward) != paid.end()) return protocol::LedgerReply{};
    if (reward.amount.value > left) {
      return protocol::LedgerReply{.answer = ledger::Answer::exceeds_credits, .transfer = {}};
    }
    left -= reward.amount.value;
    paid.push_back(reward);
    return protocol::LedgerReply{};
  }
  Result<protocol::Balance> open_wallet(ledger::HolderId) override { return {}; }
  Result<protocol::LedgerReply> reserve(const protocol::Reservation&) override { return {}; }
  Result<protocol::LedgerReply> post(ledger::TransferId, ledger::Microcredits) override {
    return {};
  }
  Result<protocol::LedgerReply> void_(ledger::TransferId) override { return {}; }
  Result<protocol::Reservation> reservation(ledger::TransferId) override { return {}; }
  Result<protocol::Balance> balance(ledger::AccountId) override { return {}; }
  Result<protocol::StatementPage> statement(ledger::AccountId, std::uint64_t,
                                            std::size_t) override {
    return {};
  }
};

TEST_F(Judging, a_reward_is_paid_once_and_owed_while_the_pool_is_empty) {
  teach("wolf");
  Pool pool;
  PaidExpert paid(*expert_, pool);
  const auto verdict = paid.contribute(gnu(), Cancel());
  ASSERT_TRUE(verdict && verdict->accepted());
  EXPECT_TRUE(pool.paid.empty());
  const auto holder = protocol::holder_of(expert_->library().key().public_key());
  EXPECT_EQ(pay_rewards(folder_ / "it", holder, pool)->n_owed, 1U);
  pool.left = 300'000;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(pay_rewards(folder_ / "it", holder, pool)->n_paid, 1U);
  ASSERT_TRUE(paid.contribute(gnu(), Cancel()));
  ASSERT_EQ(pool.paid.size(), 1U);
  EXPECT_EQ(pool.paid[0].contributor,
            protocol::holder_of(protocol::example_contributor().public_key()));
  EXPECT_EQ(pool.paid[0].expert, holder);
  EXPECT_EQ(pool.left, 50'000);
}

}  // namespace
}  // namespace plmm::expert
