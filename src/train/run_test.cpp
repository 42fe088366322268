// Runs on a tiny model: they learn, they stop early, and a checkpoint goes on to the same bits.
#include "train/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "model/tiny_run.h"

namespace plmm::train {
namespace {

struct Tiny {
  explicit Tiny(int n_threads = 1) : pool(n_threads) {
    model = model::load_bytes(bytes, false, pool).value();
    for (int i = 0; i < 6; ++i) data.training.push_back(sequence(i));
    data.validation.push_back(sequence(0));
  }
  ~Tiny() { std::filesystem::remove(options.checkpoint); }

  static Sequence sequence(int seed) {
    Sequence out;
    out.tokens = model::random_tokens(12, 50, static_cast<std::uint64_t>(seed) + 1);
    out.weights.assign(out.tokens.size(), 1.0F);
    out.weights.back() = 0.0F;
    return out;
  }
  train::Run run(int n_steps = 8) {
    Rng rng(1);
    TrainOptions train;
    train.learning_rate = 0.01;
    train.n_steps = n_steps;
    train.n_tokens_max = 32;
    auto trainer = Trainer::create(
        *model, pool, model::create_lora(model->config(), {.rank = 4}, rng).value(), train);
    EXPECT_TRUE(trainer) << trainer.error().what;
    return {std::move(trainer).value(), data, options};
  }

  std::string bytes = model::TinyModel({}).bytes();
  ThreadPool pool;
  std::unique_ptr<model::Model> model;
  TrainingData data;
  RunOptions options{.n_batch = 2,
                     .n_evaluate_every = 2,
                     .n_patience = 0,
                     .checkpoint = std::filesystem::path(testing::TempDir()) /
                                   ("plmm-run-" + std::to_string(::getpid())),
                     .recipe = "tiny"};
};

TEST(Run, learns_and_keeps_the_best) {
  Tiny tiny;
  train::Run run = tiny.run();
  ASSERT_TRUE(run.go({}, Cancel()));
  EXPECT_EQ(run.n_steps_done(), 8);
  ASSERT_EQ(run.log().validations.size(), 5U);
  EXPECT_EQ(run.log().validations[0].step, 0);
  EXPECT_LT(run.log().best().loss, run.log().validations[0].loss * 0.95);
}

TEST(Run, goes_on_from_a_checkpoint_to_the_same_bits) {
  Tiny tiny;
  train::Run whole = tiny.run();
  ASSERT_TRUE(whole.go({}, Cancel()));
  for (const int stop : {1, 4, 7}) {
    Cancel cancel;
    RunEvents events;
    events.on_step = [&](const StepReport& report, const RunLog&) {
      if (report.step == stop) cancel.request();
    };
    train::Run first = tiny.run();
    EXPECT_EQ(first.go(events, cancel).error().code, ErrorCode::cancelled);
    Tiny other(2);  // another process, with another number of threads
    train::Run second = other.run();
    ASSERT_TRUE(second.resume());
    EXPECT_EQ(second.n_steps_done(), stop);
    ASSERT_TRUE(second.go({}, Cancel()));
    EXPECT_EQ(second.log().losses, whole.log().losses);
    EXPECT_EQ(second.log().validations, whole.log().validations);
    EXPECT_EQ(second.best().layers, whole.best().layers);
  }
}

TEST(Run, stops_when_validation_gets_no_better) {
  Tiny tiny;
  tiny.data.validation = {Tiny::sequence(99)};  // random tokens: nothing learnt helps
  tiny.options.n_patience = 2;
  train::Run run = tiny.run(200);
  ASSERT_TRUE(run.go({}, Cancel()));
  EXPECT_LT(run.n_steps_done(), 200);
}

TEST(Run, refuses_a_checkpoint_that_is_not_its_own) {
  Tiny tiny;
  EXPECT_EQ(tiny.run().resume().error().code, ErrorCode::not_found);
  RunEvents events;
  events.checkpoint_due = [](int) { return true; };
  ASSERT_TRUE(tiny.run(1).go(events, Cancel()));
  tiny.options.recipe = "other";
  EXPECT_EQ(tiny.run(1).resume().error().code, ErrorCode::invalid_argument);
  tiny.options.recipe = "tiny";
  std::string bytes = read_file(tiny.options.checkpoint, 1 << 30).value();
  for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_TRUE(write_file_atomically(tiny.options.checkpoint, damaged));
    EXPECT_EQ(tiny.run(1).resume().error().code, ErrorCode::corrupt_data) << at;
  }
  ASSERT_TRUE(write_file_atomically(tiny.options.checkpoint, bytes.substr(0, 20)));
  EXPECT_EQ(tiny.run(1).resume().error().code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::train
