// The trainer: learning, exact resume, and what it refuses.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/narrow.h"
#include "model/tiny_run.h"
#include "train/optimizer.h"

namespace plmm::train {
namespace {

Sequence whole(std::vector<text::TokenId> tokens) {
  Sequence out;
  out.weights.assign(tokens.size(), 1.0F);
  out.weights.back() = 0.0F;
  out.tokens = std::move(tokens);
  return out;
}

class TrainerTest : public testing::Test {
 protected:
  TrainerTest()
      : tiny_({.types = {tensor::DType::q8_0}}),
        bytes_(tiny_.bytes()),
        pool_(2),
        model_(model::load_bytes(bytes_, false, pool_).value()) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      batch_.push_back(whole(model::random_tokens(20, tiny_.n_vocabulary(), seed)));
  }
  model::LoraAdapter adapter(int rank = 4) {
    Rng rng(7);
    return model::create_lora(model_->config(), {.rank = rank, .alpha = 8.0F}, rng).value();
  }
  Trainer trainer(TrainOptions options = {.learning_rate = 1e-2, .n_steps = 40}, int rank = 4) {
    options.n_tokens_max = 64;
    return Trainer::create(*model_, pool_, adapter(rank), options).value();
  }
  ErrorCode refused(const std::function<void(Sequence&)>& change) {
    auto batch = batch_;
    change(batch[1]);
    auto fresh = trainer();
    const auto result = fresh.step(batch);
    EXPECT_FALSE(result);
    EXPECT_EQ(fresh.adapter().layers, adapter().layers);
    return result ? ErrorCode::io : result.error().code;
  }

  model::TinyModel tiny_;
  std::string bytes_;
  ThreadPool pool_;
  std::unique_ptr<model::Model> model_;
  std::vector<Sequence> batch_;
};

TEST_F(TrainerTest, learns_three_sequences_by_heart) {
  auto t = trainer();
  const double before = t.evaluate(batch_).value();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(t.step(batch_));
  EXPECT_LT(t.evaluate(batch_).value(), 0.3 * before);
  EXPECT_EQ(t.n_steps_done(), 40);
}

TEST_F(TrainerTest, reports_the_loss_before_the_step) {
  auto t = trainer();
  const double before = t.evaluate(batch_).value();
  const StepReport report = t.step(batch_).value();
  EXPECT_EQ(report.loss, before);
  EXPECT_EQ(report.step, 1);
  EXPECT_EQ(report.n_tokens, 60);
  EXPECT_EQ(report.n_supervised, 57);
  EXPECT_GT(report.gradient_norm, 0.0);
}

TEST_F(TrainerTest, goes_on_from_its_saved_state_with_the_same_bits) {
  auto through = trainer();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(through.step(batch_));
  const auto state = through.save();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(through.step(batch_));
  auto resumed = trainer({.learning_rate = 0.5, .n_steps = 7});  // the state's options count
  ASSERT_TRUE(resumed.restore(state));
  EXPECT_EQ(resumed.n_steps_done(), 3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(resumed.step(batch_));
  EXPECT_EQ(resumed.save(), through.save());
}

TEST_F(TrainerTest, a_packed_sequence_counts_as_its_documents_do) {
  Sequence packed = batch_[0];
  packed.segment_starts = {0, 20};
  packed.tokens.insert(packed.tokens.end(), batch_[1].tokens.begin(), batch_[1].tokens.end());
  packed.weights.insert(packed.weights.end(), batch_[1].weights.begin(), batch_[1].weights.end());
  auto t = trainer();
  const double apart = t.evaluate(std::span(batch_).first(2)).value();
  EXPECT_NEAR(t.evaluate({&packed, 1}).value(), apart, 1e-6 * apart);
}

TEST_F(TrainerTest, refuses_sequences_that_are_not_well_formed) {
  using enum ErrorCode;
  EXPECT_EQ(refused([](Sequence& s) { s = {}; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s = whole(std::vector<text::TokenId>(65, 1)); }),
            invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.weights.pop_back(); }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.weights.back() = 1.0F; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.weights[2] = -1.0F; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.weights[2] = std::nanf(""); }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.tokens[0] = -1; }), invalid_argument);
  EXPECT_EQ(refused([&](Sequence& s) { s.tokens[0] = tiny_.n_vocabulary(); }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.segment_starts = {1}; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.segment_starts = {0, 0}; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.segment_starts = {0, 20}; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) { s.segment_starts = {0, 10}; }), invalid_argument);
}

TEST_F(TrainerTest, refuses_a_choice_of_nothing) {
  const auto choice_of = [](Sequence& s, std::vector<int> starts) {
    s.is_choice = true;
    s.segment_starts = std::move(starts);
    for (std::size_t i = 1; i < s.segment_starts.size(); ++i)
      s.weights[static_cast<std::size_t>(s.segment_starts[i]) - 1] = 0.0F;
  };
  using enum ErrorCode;
  EXPECT_EQ(refused([&](Sequence& s) { choice_of(s, {}); }), invalid_argument);
  EXPECT_EQ(refused([&](Sequence& s) { choice_of(s, {0}); }), invalid_argument);
  EXPECT_EQ(refused([&](Sequence& s) {
              choice_of(s, {0, 10});
              std::fill(s.weights.begin() + 10, s.weights.end(), 0.0F);
            }),
            invalid_argument);
}

TEST_F(TrainerTest, refuses_segments_that_share_what_is_not_there_or_counts) {
  using enum ErrorCode;
  EXPECT_EQ(refused([](Sequence& s) { s.n_shared = 5; }), invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) {
              s.n_shared = 5;
              s.segment_starts = {5};
            }),
            invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) {
              s.n_shared = 20;
              s.segment_starts = {20};
              s.weights.assign(s.tokens.size(), 0.0F);
            }),
            invalid_argument);
  EXPECT_EQ(refused([](Sequence& s) {
              s.n_shared = -1;
              s.segment_starts = {-1};
            }),
            invalid_argument);
}

TEST_F(TrainerTest, learns_which_answer_is_right) {
  Sequence choice = batch_[0];
  choice.segment_starts = {0, narrow<int>(choice.tokens.size())};
  choice.tokens.insert(choice.tokens.end(), batch_[1].tokens.begin(), batch_[1].tokens.end());
  choice.weights.insert(choice.weights.end(), batch_[1].weights.begin(), batch_[1].weights.end());
  for (float& weight : choice.weights) weight *= 0.1F;
  choice.is_choice = true;
  auto t = trainer();
  const double before = t.evaluate({&choice, 1}).value();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(t.step({&choice, 1}));
  EXPECT_LT(t.evaluate({&choice, 1}).value(), before / 2);
}

TEST_F(TrainerTest, refuses_a_batch_in_which_nothing_counts) {
  for (Sequence& s : batch_) s.weights.assign(s.tokens.size(), 0.0F);
  EXPECT_EQ(trainer().step(batch_).error().code, ErrorCode::invalid_argument);
}

TEST_F(TrainerTest, a_stopped_step_changes_nothing) {
  auto t = trainer();
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(t.step(batch_, cancel).error().code, ErrorCode::cancelled);
  EXPECT_EQ(t.n_steps_done(), 0);
  EXPECT_EQ(t.adapter().layers, adapter().layers);
}

TEST_F(TrainerTest, refuses_options_out_of_range) {
  const auto code = [&](TrainOptions options) {
    const auto made = Trainer::create(*model_, pool_, adapter(), options);
    return made ? ErrorCode::io : made.error().code;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  TrainOptions good;
  good.n_tokens_max = 64;
  EXPECT_TRUE(Trainer::create(*model_, pool_, adapter(), good));
  for (const double rate : {0.0, -1.0, 2.0, nan}) {
    TrainOptions options = good;
    options.learning_rate = rate;
    EXPECT_EQ(code(options), ErrorCode::invalid_argument);
  }
  TrainOptions options = good;
  options.n_warm_up = options.n_steps + 1;
  EXPECT_EQ(code(options), ErrorCode::invalid_argument);
  options = good;
  options.n_tokens_max = model_->config().n_context + 1;
  EXPECT_EQ(code(options), ErrorCode::invalid_argument);
  options = good;
  options.beta2 = 1.0;
  EXPECT_EQ(code(options), ErrorCode::invalid_argument);
}

TEST_F(TrainerTest, refuses_an_adapter_of_another_model) {
  model::ModelConfig other = model_->config();
  other.n_layers = 1;
  Rng rng(1);
  auto made = Trainer::create(*model_, pool_, model::create_lora(other, {}, rng).value(), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
}

TEST_F(TrainerTest, refuses_every_damaged_state_and_stays_as_it_is) {
  auto t = trainer();
  ASSERT_TRUE(t.step(batch_));
  const auto state = t.save();
  auto other = trainer();
  const auto before = other.save();
  for (std::size_t at = 0; at < state.size(); at += state.size() / 50) {
    auto damaged = state;
    damaged[at] ^= std::byte{4};
    EXPECT_FALSE(other.restore(damaged)) << at;
    EXPECT_FALSE(other.restore(std::span(state).first(at))) << at;
  }
  EXPECT_EQ(other.restore({}).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(trainer({}, 5).restore(state).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(other.save(), before);
  EXPECT_TRUE(other.restore(state));
}

TEST(Optimizer, rises_then_falls_along_a_cosine) {
  const TrainOptions o{
      .learning_rate = 1.0, .learning_rate_end = 0.2, .n_warm_up = 4, .n_steps = 14};
  EXPECT_DOUBLE_EQ(learning_rate(o, 0), 0.25);
  EXPECT_DOUBLE_EQ(learning_rate(o, 3), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(o, 4), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(o, 9), 0.6);
  EXPECT_DOUBLE_EQ(learning_rate(o, 14), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(o, 1000), 0.2);
}

TEST(Optimizer, takes_the_steps_of_its_formula) {
  ThreadPool pool(2);
  const TrainOptions o{.beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3, .weight_decay = 0.1};
  std::vector<float> values = {0.5F, -2.0F}, gradients = {0.3F, -4.0F};
  Moments moments{{0, 0}, {0, 0}};
  double value = 0.5, mean = 0, square = 0;
  for (int step = 1; step <= 3; ++step) {
    adam_step(values, gradients, moments, o, 0.05, 0.5F, step, pool);
    const double g = 0.3 * 0.5;
    mean = 0.8 * mean + 0.2 * g;
    square = 0.9 * square + 0.1 * g * g;
    value -= 0.05 * 0.1 * value;
    value -= 0.05 * (mean / (1 - std::pow(0.8, step))) /
             (std::sqrt(square / (1 - std::pow(0.9, step))) + 1e-3);
    EXPECT_NEAR(values[0], value, 1e-6);
  }
}

TEST(Optimizer, measures_the_norm_over_all_blocks) {
  ThreadPool pool(3);
  EXPECT_NEAR(norm_of(std::vector<float>(40'000, 0.5F), pool), 100.0, 1e-9);
  EXPECT_EQ(norm_of({}, pool), 0.0);
}

}  // namespace
}  // namespace plmm::train
