// Questions as a chat has them, the choice among their options, and a tiny model that learns.
#include "learn/following.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "infer/script_model_fixture.h"
#include "learn/choice_form.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "train/trainer.h"

namespace plmm::learn {
namespace {

eval::PreferenceQuestion tea() {
  return {"tea",
          false,
          "Which tea?",
          {"Green tea", "Mint tea", "Black tea"},
          {{"I like what is green.", 0}, {"I need to sleep tonight.", 1}}};
}

TEST(FollowingCases, stand_behind_what_was_said_with_options_in_any_order) {
  const std::vector questions{tea()};
  std::vector<std::size_t> places;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto cases = following_cases(questions, 0, seed);
    ASSERT_EQ(cases.size(), 2U);
    EXPECT_TRUE(cases[0].turn.starts_with("Earlier I told you:\n(")) << cases[0].turn;
    EXPECT_TRUE(cases[0].turn.ends_with(") I like what is green.\n\nWhich tea?"));
    EXPECT_EQ(cases[0].options[cases[0].right], "Green tea");
    EXPECT_EQ(cases[1].options[cases[1].right], "Mint tea");
    places.push_back(cases[0].right);
  }
  for (const std::size_t place : {0U, 1U, 2U})
    EXPECT_NE(std::ranges::find(places, place), places.end());
}

TEST(FollowingCases, are_the_same_for_a_seed) {
  const std::vector questions{tea()};
  const auto a = following_cases(questions, 3, 5), b = following_cases(questions, 3, 5);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].turn, b[i].turn);
    EXPECT_EQ(a[i].options, b[i].options);
  }
}

class ChoiceTest : public ::testing::Test {
 protected:
  infer::ModelFile file_{model::TinyModel(model::TinyOptions{.n_context = 1024})};
  std::unique_ptr<infer::Engine> engine_ = file_.load();
};

TEST_F(ChoiceTest, is_encoded_with_the_right_option_first_behind_one_context) {
  const std::vector<std::string> options{"ahoy", "yes yes", "no"};
  const auto all =
      candidates({text::TemplateFamily::plain, ""}, "Well?", options, engine_->tokenizer());
  const auto sequence = encode_choice(all, options, 1, 2.0);
  EXPECT_TRUE(sequence.is_choice);
  ASSERT_EQ(sequence.segment_starts.size(), 3U);
  EXPECT_EQ(sequence.segment_starts[0], sequence.n_shared);
  EXPECT_EQ(sequence.n_shared + 1, static_cast<int>(all.context.size()));
  const auto begin = sequence.tokens.begin() + sequence.segment_starts[0];
  EXPECT_EQ(*begin, all.context.back());
  EXPECT_TRUE(std::equal(all.endings[1].begin(), all.endings[1].end(), begin + 1));
  EXPECT_FLOAT_EQ(sequence.weights[static_cast<std::size_t>(sequence.n_shared)], 2.0F / 7.0F);
  EXPECT_EQ(sequence.weights.back(), 0.0F);
}

TEST_F(ChoiceTest, goes_to_what_was_learnt_to_be_right) {
  const std::vector<std::string> options{"ahoy", "yes yes", "no"};
  const auto all =
      candidates({text::TemplateFamily::plain, ""}, "Well?", options, engine_->tokenizer());
  for (std::size_t right = 0; right < options.size(); ++right) {
    Rng rng(3);
    train::TrainOptions how{.learning_rate = 1e-2, .n_steps = 30};
    auto trainer =
        train::Trainer::create(
            engine_->model(), engine_->pool(),
            model::create_lora(engine_->model().config(), {.rank = 4, .alpha = 8.0F}, rng).value(),
            how)
            .value();
    const auto sequence = encode_choice(all, options, right, 8.0);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(trainer.step({&sequence, 1}));
    const measure::Subject taught{
        engine_.get(), model::PackedLora::pack(trainer.adapter(), engine_->model()).value(), 1.0F};
    const auto scorer = measure::Scorer::create(taught, 0).value();
    const auto known = scorer->score({&all, 1}, Cancel()).value();
    EXPECT_EQ(likeliest(known[0], options), right);
  }
}

TEST_F(ChoiceTest, two_steps_of_the_recipe_are_tested) {
  LearnOptions options;
  options.n_steps = 2;
  std::vector<LearnProgress> seen;
  const std::vector questions{tea()};
  const auto a = learn_to_follow(
      *engine_, questions, questions, options,
      [&](const LearnProgress& progress) { seen.push_back(progress); }, Cancel());
  ASSERT_TRUE(a) << a.error().what;
  EXPECT_EQ(a->n_steps, 2);
  EXPECT_GT(a->figures.general_before, 1);
  EXPECT_TRUE(
      a->adapter.pair(0, model::LoraTarget::query).empty());  // the lower half is left alone
  EXPECT_FALSE(a->adapter.layers.back()[0].empty());
  for (const auto stage : {Stage::measuring, Stage::training, Stage::testing}) {
    const auto last = std::ranges::find(seen.rbegin(), seen.rend(), stage, &LearnProgress::stage);
    ASSERT_NE(last, seen.rend());
    EXPECT_EQ(last->n_done, last->n_total);
  }
}

TEST_F(ChoiceTest, needs_questions_to_learn_from_and_to_be_tested_by) {
  const std::vector questions{tea()};
  EXPECT_EQ(learn_to_follow(*engine_, {}, questions, {}, {}, Cancel()).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(learn_to_follow(*engine_, questions, {}, {}, {}, Cancel()).error().code,
            ErrorCode::invalid_argument);
}

TEST_F(ChoiceTest, stops_when_asked) {
  Cancel cancel;
  cancel.request();
  const std::vector questions{tea()};
  const auto learnt = learn_to_follow(*engine_, questions, questions, {}, {}, cancel);
  ASSERT_FALSE(learnt);
  EXPECT_EQ(learnt.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace plmm::learn
