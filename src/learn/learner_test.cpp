// A model of a few hundred thousand numbers learns what somebody always says, or does not.
#include "learn/learner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "infer/script_model_fixture.h"
#include "learn/adapter_bytes.h"

namespace plmm::learn {
namespace {

std::vector<personal::Turn> talk(const std::string& said) {
  constexpr int kConversations = 24;
  std::vector<personal::Turn> out;
  for (int i = 0; i < kConversations; ++i) {
    for (int k = 0; k < 2; ++k) {
      personal::Turn turn;
      turn.id = static_cast<std::int64_t>(out.size()) + 1;
      turn.conversation = i;
      turn.said = Personal(said);
      turn.answer = Personal(std::string("Yes."));
      out.push_back(std::move(turn));
    }
  }
  return out;
}

class LearnerTest : public ::testing::Test {
 protected:
  Result<Learnt> learn(const Material& material, int n_steps = 12,
                       const Cancel& cancel = Cancel()) {
    LearnOptions options;
    options.n_steps = n_steps;
    return learn::learn(
        *engine_, material, options,
        [&](const LearnProgress& progress) { seen_.push_back(progress); }, cancel);
  }

  infer::ModelFile file_{model::TinyModel(model::TinyOptions{.n_context = 512})};
  std::unique_ptr<infer::Engine> engine_ = file_.load();
  std::vector<LearnProgress> seen_;
};

TEST_F(LearnerTest, learns_what_somebody_always_says_and_says_how_far_it_is) {
  const auto learnt = learn(collect(talk("ahoy ahoy "), {}));
  ASSERT_TRUE(learnt) << learnt.error().what;
  EXPECT_LT(learnt->figures.own_after, learnt->figures.own_before);
  EXPECT_LT(learnt->figures.own_ratio_high, 1);
  EXPECT_LE(learnt->figures.own_ratio_low, learnt->figures.own_after / learnt->figures.own_before);
  EXPECT_EQ(learnt->n_steps, 12);
  EXPECT_FALSE(learnt->adapter.base_fingerprint.empty());
  for (const auto stage : {Stage::measuring, Stage::training, Stage::testing}) {
    const auto last = std::ranges::find(seen_.rbegin(), seen_.rend(), stage, &LearnProgress::stage);
    ASSERT_NE(last, seen_.rend());
    EXPECT_EQ(last->n_done, last->n_total);
  }
}

TEST_F(LearnerTest, does_not_promote_what_helps_nothing) {
  model::TinyModel blank{model::TinyOptions{.n_context = 512}};
  for (auto& [name, tensor] : blank.tensors) {
    if (tensor.ne.size() == 2) tensor.bytes.assign(tensor.bytes.size(), '\0');
  }
  const infer::ModelFile file(blank);
  engine_ = file.load();
  const auto learnt = learn(collect(talk("ahoy "), {}), 2);
  ASSERT_TRUE(learnt) << learnt.error().what;
  EXPECT_DOUBLE_EQ(learnt->figures.own_after, learnt->figures.own_before);
  EXPECT_EQ(learnt->verdict, Verdict::not_better);
}

TEST_F(LearnerTest, learns_the_same_twice) {
  const auto material = collect(talk("ahoy "), {});
  const auto once = learn(material, 4), again = learn(material, 4);
  ASSERT_TRUE(once && again);
  EXPECT_EQ(to_bytes(once->adapter), to_bytes(again->adapter));
  EXPECT_EQ(once->figures, again->figures);
}

TEST_F(LearnerTest, of_a_time_that_is_over_makes_one_step) {
  LearnOptions options;
  options.seconds_max = 0;
  const auto material = collect(talk("ahoy "), {});
  const auto learnt = learn::learn(*engine_, material, options, {}, Cancel());
  ASSERT_TRUE(learnt) << learnt.error().what;
  EXPECT_EQ(learnt->n_steps, 1);
}

TEST_F(LearnerTest, stops_when_it_is_told_to) {
  Cancel cancel;
  cancel.request();
  const auto material = collect(talk("ahoy "), {});
  EXPECT_EQ(learn(material, 4, cancel).error().code, ErrorCode::cancelled);
}

TEST_F(LearnerTest, refuses_material_without_anything_to_learn_or_to_test) {
  EXPECT_EQ(learn({}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace plmm::learn
