// Shares and Wilson's interval against values from its formula, worked out by hand.
#include "eval/score.h"

#include <gtest/gtest.h>

namespace plmm::eval {
namespace {

TEST(Score, of_nothing_says_nothing) {
  EXPECT_EQ(Score{}.share(), 0);
  EXPECT_EQ(wilson_interval({}).low, 0);
  EXPECT_EQ(wilson_interval({}).high, 1);
}

TEST(Score, has_the_interval_of_wilson) {
  const auto half = wilson_interval({.n_asked = 10, .n_right = 5});
  EXPECT_NEAR(half.low, 0.2366, 1e-4);
  EXPECT_NEAR(half.high, 0.7634, 1e-4);
  const auto most = wilson_interval({.n_asked = 100, .n_right = 80});
  EXPECT_NEAR(most.low, 0.7112, 1e-4);
  EXPECT_NEAR(most.high, 0.8666, 1e-4);
}

TEST(Score, all_or_nothing_right_still_leaves_doubt) {
  const auto all = wilson_interval({.n_asked = 20, .n_right = 20});
  EXPECT_NEAR(all.low, 0.8389, 1e-4);
  EXPECT_EQ(all.high, 1);
  const auto none = wilson_interval({.n_asked = 20, .n_right = 0});
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.1611, 1e-4);
}

}  // namespace
}  // namespace plmm::eval
