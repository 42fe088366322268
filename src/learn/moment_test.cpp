// When learning again is worth it.
#include "learn/moment.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace plmm::learn {
namespace {

Version version(std::int64_t number, Standing standing, std::int64_t n_turns = 40) {
  Version out;
  out.number = number;
  out.standing = standing;
  out.model = "small";
  out.n_turns = n_turns;
  out.n_turns_held_back = 8;
  out.n_corrections = 2;
  return out;
}

Material material(std::size_t n_turns) {
  Material out;
  out.n_turns = n_turns;
  out.n_turns_held_back = 8;
  out.corrections.resize(2);
  return out;
}

TEST(Moment, is_now_where_nothing_was_learnt_on_this_model) {
  EXPECT_EQ(n_new_missing({}, "small", material(40)), 0U);
  const std::vector other{version(1, Standing::kept)};
  EXPECT_EQ(n_new_missing(other, "large", material(40)), 0U);
}

TEST(Moment, comes_with_enough_new_turns_whatever_became_of_the_last_try) {
  for (const Standing standing : {Standing::kept, Standing::undone, Standing::refused}) {
    const std::vector one{version(1, standing)};
    EXPECT_EQ(n_new_missing(one, "small", material(40)), kNewMin);
    EXPECT_EQ(n_new_missing(one, "small", material(40 + kNewMin - 1)), 1U);
    EXPECT_EQ(n_new_missing(one, "small", material(40 + kNewMin)), 0U);
    EXPECT_EQ(n_new_missing(one, "small", material(400)), 0U);
  }
}

TEST(Moment, counts_from_the_newest_version_in_any_order) {
  const std::vector two{version(2, Standing::refused, 90), version(1, Standing::kept, 40)};
  EXPECT_EQ(n_new_missing(two, "small", material(100)), kNewMin - 10);
}

TEST(Moment, is_now_where_the_newest_went_with_what_was_forgotten) {
  const std::vector two{version(1, Standing::kept), version(2, Standing::forgotten)};
  EXPECT_EQ(n_new_missing(two, "small", material(40)), 0U);
}

TEST(Moment, is_no_farther_where_turns_were_forgotten_since) {
  const std::vector one{version(1, Standing::kept, 500)};
  EXPECT_EQ(n_new_missing(one, "small", material(40)), kNewMin);
}

}  // namespace
}  // namespace plmm::learn
