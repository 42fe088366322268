// The rule of promotion at its edges.
#include "learn/verdict.h"

#include <gtest/gtest.h>

#include <limits>

namespace plmm::learn {
namespace {

Figures good() { return {20, 16, 0.75, 0.85, 10, 10.1}; }

TEST(Verdict, promotes_what_is_better_beyond_chance_and_keeps_the_rest) {
  EXPECT_EQ(verdict_on(good()), Verdict::promoted);
  Figures figures = good();
  figures.general_after = 10.2;  // exactly 2 %
  EXPECT_EQ(verdict_on(figures), Verdict::promoted);
}

TEST(Verdict, refuses_what_chance_may_explain) {
  Figures figures = good();
  figures.own_ratio_high = 1.0;
  EXPECT_EQ(verdict_on(figures), Verdict::not_better);
  figures.own_ratio_high = 0;  // too little to tell
  EXPECT_EQ(verdict_on(figures), Verdict::not_better);
}

TEST(Verdict, refuses_what_makes_other_text_worse) {
  Figures figures = good();
  figures.general_after = 10.21;
  EXPECT_EQ(verdict_on(figures), Verdict::forgets_general);
}

TEST(Verdict, refuses_figures_that_are_no_numbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Figures figures = good();
  figures.own_ratio_high = nan;
  EXPECT_EQ(verdict_on(figures), Verdict::not_better);
  figures = good();
  figures.general_after = nan;
  EXPECT_EQ(verdict_on(figures), Verdict::forgets_general);
}

}  // namespace
}  // namespace plmm::learn
