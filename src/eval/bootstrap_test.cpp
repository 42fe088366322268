// Intervals and tests against values that are known.
#include "eval/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace plmm::eval {
namespace {

std::vector<Unit> normal_units(std::size_t n, double centre, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Unit> out;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = -6;  // of twelve uniform numbers less 6: nearly normal, of deviation 1
    for (int k = 0; k < 12; ++k) sum += rng.uniform();
    out.push_back({centre + sum, 1});
  }
  return out;
}

TEST(Bootstrap, has_the_width_of_the_normal_interval_where_that_is_known) {
  const auto units = normal_units(400, 3, 1);
  const auto interval = bootstrap_interval(units, 7);
  ASSERT_TRUE(interval);
  const double width = 2 * 1.96 / std::sqrt(400.0);
  EXPECT_NEAR(interval->high - interval->low, width, 0.15 * width);
  EXPECT_LT(interval->low, mean_of(units));
  EXPECT_GT(interval->high, mean_of(units));
}

TEST(Bootstrap, holds_the_truth_about_as_often_as_it_says) {
  int n_held = 0;
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const auto interval = bootstrap_interval(normal_units(60, 5, 100 + i), 1);
    n_held += interval->low <= 5 && 5 <= interval->high ? 1 : 0;
  }
  EXPECT_GE(n_held, 86);  // 95 expected, less four deviations
}

TEST(Bootstrap, weighs_units_by_what_they_hold_and_repeats_itself) {
  const std::vector<Unit> units{{10, 10}, {400, 200}, {3, 1}};
  EXPECT_DOUBLE_EQ(mean_of(units), 413.0 / 211.0);
  const auto first = bootstrap_interval(units, 3), again = bootstrap_interval(units, 3);
  EXPECT_EQ(first->low, again->low);
  EXPECT_EQ(first->high, again->high);
  EXPECT_DOUBLE_EQ(first->low, 1);
  EXPECT_DOUBLE_EQ(first->high, 3);
}

TEST(Bootstrap, says_nothing_of_fewer_than_two_units) {
  EXPECT_FALSE(bootstrap_interval({}, 1));
  const Unit one{1, 1};
  EXPECT_FALSE(bootstrap_interval({&one, 1}, 1));
  EXPECT_EQ(mean_of({}), 0);
}

TEST(McNemar, is_the_binomial_test_of_the_pairs_that_differ) {
  EXPECT_DOUBLE_EQ(mcnemar_p(0, 0), 1);
  EXPECT_DOUBLE_EQ(mcnemar_p(4, 4), 1);
  EXPECT_NEAR(mcnemar_p(0, 5), 2.0 / 32, 1e-12);
  EXPECT_NEAR(mcnemar_p(5, 0), 2.0 / 32, 1e-12);
  EXPECT_NEAR(mcnemar_p(1, 9), 2.0 * 11 / 1024, 1e-12);
  EXPECT_NEAR(mcnemar_p(2, 8), 2.0 * (1 + 10 + 45) / 1024, 1e-12);
  EXPECT_LT(mcnemar_p(1000, 1200), 1e-4);
  EXPECT_GT(mcnemar_p(1000, 1200), 1e-6);
}

}  // namespace
}  // namespace plmm::eval
