// Tests of the gate with times written down: what it picks, and what it can lose.
#include "infer/speculation_gate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"

namespace plmm::infer {
namespace {

constexpr double kPass = 0.02;  // seconds of a pass over one row

Acceptances all(double share) {
  Acceptances out;
  out.fill(share);
  return out;
}

std::vector<Guess> guesses(int n, int grade = 0) {
  return std::vector<Guess>(static_cast<std::size_t>(n), Guess{1, grade});
}

/// A machine where each row more costs `step` of a single one, and a text in which a guess comes
/// true with a given probability.
struct World {
  explicit World(double expected, double row_step, bool costs_time = false)
      : step(row_step), costly(costs_time) {
    gate.add_drafter(all(expected), costs_time);
    plain();
  }
  double pass_s(int rows) const { return kPass * (1 + step * (rows - 1)); }
  void plain() {
    gate.settle({0, 0, 0, 0, pass_s(1)});
    spent += pass_s(1);
    ++n_tokens;
  }
  /// One round as Speculation would run it; the guesses that were verified.
  int round(double truth) {
    std::vector<Guess> made;
    double guess_s = 0;
    while (static_cast<int>(made.size()) < SpeculationGate::kGuessesMax &&
           gate.wants_more(0, made, 0)) {
      made.push_back({1, 0});
      if (costly) guess_s += draft_s;
    }
    if (costly && !made.empty()) gate.guessed(0, static_cast<int>(made.size()), 0, guess_s);
    const int n = gate.choose(0, made).n;
    int n_true = 0;
    for (const Guess& guess : made) {
      const bool came_true = rng.uniform() < truth;
      gate.judge(0, guess, came_true);
      if (!came_true) break;
      ++n_true;
    }
    n_true = std::min(n_true, n);
    gate.settle({0, n, n_true, guess_s, pass_s(1 + n)});
    spent += pass_s(1 + n) + guess_s;
    n_tokens += 1 + n_true;
    n_verified += n;
    return n;
  }
  /// How much faster than without guesses, so far.
  double speedup() const { return n_tokens * kPass / spent; }

  double step;
  bool costly;
  double draft_s = 0.4 * kPass;
  SpeculationGate gate;
  Rng rng{7};
  double spent = 0;
  int n_tokens = 0;
  int n_verified = 0;
};

TEST(SpeculationGate, verifies_nothing_before_a_pass_was_measured) {
  SpeculationGate gate;
  gate.add_drafter(all(0.99), false);
  EXPECT_EQ(gate.choose(0, guesses(8)).n, 0);
  EXPECT_EQ(gate.pass_s(1), 0);
}

TEST(SpeculationGate, verifies_more_the_surer_the_guesses) {
  EXPECT_EQ(World(0.05, 0.1).gate.choose(0, guesses(8)).n, 0);
  const int some = World(0.5, 0.1).gate.choose(0, guesses(8)).n;
  const int more = World(0.95, 0.1).gate.choose(0, guesses(8)).n;
  EXPECT_GT(some, 0);
  EXPECT_GT(more, some);
}

TEST(SpeculationGate, never_verifies_more_than_there_are) {
  World world(0.99, 0.02);
  for (int i = 0; i < 20; ++i) world.round(1.0);
  EXPECT_EQ(world.gate.choose(0, guesses(3)).n, 3);
  EXPECT_EQ(world.gate.choose(0, guesses(15)).n, 15);
  EXPECT_EQ(world.gate.choose(0, {}).n, 0);
}

TEST(SpeculationGate, stops_before_the_first_guess_that_is_not_worth_its_row) {
  SpeculationGate gate;
  Acceptances expected = all(0.95);
  expected[1] = 0.02;
  gate.add_drafter(expected, false);
  gate.settle({0, 0, 0, 0, kPass});
  auto mixed = guesses(6);
  mixed[3].grade = 1;
  EXPECT_EQ(gate.choose(0, mixed).n, 3);
}

TEST(SpeculationGate, learns_what_passes_cost_here) {
  World cheap(0.5, 0.05), dear(0.5, 0.9);
  for (int i = 0; i < 200; ++i) {
    cheap.round(0.5);
    dear.round(0.5);
  }
  EXPECT_NEAR(cheap.gate.pass_s(1), kPass, kPass * 0.05);
  EXPECT_GT(cheap.gate.choose(0, guesses(15)).n, 0);
  EXPECT_EQ(dear.gate.choose(0, guesses(15)).n, 0);
}

TEST(SpeculationGate, is_not_fooled_for_long_by_a_pass_that_was_disturbed) {
  World world(0.9, 0.1);
  world.gate.settle({0, 4, 4, 0, 50 * world.pass_s(5)});
  EXPECT_LT(world.gate.pass_s(1), 1.1 * kPass);
  for (int i = 0; i < 50; ++i) world.round(0.9);
  EXPECT_GT(world.gate.choose(0, guesses(8)).n, 2);
}

TEST(SpeculationGate, gains_where_guesses_come_true) {
  World world(0.5, 0.1);
  for (int i = 0; i < 100; ++i) world.round(0.95);
  EXPECT_GT(world.speedup(), 3.0);
}

TEST(SpeculationGate, loses_no_more_than_two_per_cent_when_all_guesses_are_wrong) {
  for (const double expected : {0.3, 0.9, 1.0}) {
    World world(expected, 0.2);
    while (world.n_tokens < 100) world.round(0.0);
    EXPECT_GT(world.speedup(), 0.98) << expected;
  }
}

TEST(SpeculationGate, loses_no_more_than_two_per_cent_on_prose_whatever_it_hoped) {
  for (const double truth : {0.02, 0.1, 0.2, 0.3}) {
    World world(0.9, 0.25);
    while (world.n_tokens < 300) world.round(truth);
    EXPECT_GT(world.speedup(), 0.98) << truth;
  }
}

TEST(SpeculationGate, begins_again_when_the_text_begins_to_repeat) {
  World world(0.3, 0.1);
  for (int i = 0; i < 200; ++i) world.round(0.02);
  const double before = world.speedup();
  EXPECT_EQ(world.round(0.02), 0);
  for (int i = 0; i < 150; ++i) world.round(0.95);
  EXPECT_GT(world.speedup(), before * 1.5);
}

TEST(SpeculationGate, a_new_answer_has_the_balance_of_a_start_and_keeps_what_was_learnt) {
  World world(0.5, 0.1);
  for (int i = 0; i < 50; ++i) world.round(0.95);
  EXPECT_NEAR(world.gate.balance_s(), SpeculationGate::kMostPasses * world.gate.pass_s(1), 1e-9);
  const double known = world.gate.acceptance(0, 0);
  world.gate.begin();
  EXPECT_NEAR(world.gate.balance_s(), SpeculationGate::kStartPasses * world.gate.pass_s(1), 1e-9);
  EXPECT_EQ(world.gate.acceptance(0, 0), known);
}

TEST(SpeculationGate, weighs_the_time_that_guesses_take) {
  World quick(0.9, 0.05, true), slow(0.9, 0.05, true);
  quick.draft_s = 0.2 * kPass;
  slow.draft_s = 1.2 * kPass;
  for (int i = 0; i < 300; ++i) {
    quick.round(0.9);
    slow.round(0.9);
  }
  EXPECT_GT(quick.speedup(), 1.5);
  EXPECT_GT(slow.speedup(), 0.97);
  EXPECT_LT(slow.n_verified, 20);
}

TEST(SpeculationGate, does_not_ask_a_drafter_that_has_too_much_to_read) {
  World world(0.9, 0.05, true);
  for (int i = 0; i < 20; ++i) world.round(0.9);
  EXPECT_TRUE(world.gate.wants_more(0, {}, 1));
  EXPECT_FALSE(world.gate.wants_more(0, {}, 1000));
}

}  // namespace
}  // namespace plmm::infer
