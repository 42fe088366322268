// Tests of prices: rounding up once, and nothing that overflows.
#include "economy/pricing.h"

#include <gtest/gtest.h>

#include <limits>

namespace plmm::economy {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::int64_t priced(const PriceCard& card, Usage usage) { return cost(card, usage).value().value; }

TEST(Pricing, adds_request_and_tokens) {
  EXPECT_EQ(priced({{500}, {2'000}, {6'000}}, {1'000, 500}), 500 + 2'000 + 3'000);
  EXPECT_EQ(priced({{500}, {2'000}, {6'000}}, {}), 500);
  EXPECT_EQ(priced({}, {1'000'000, 1'000'000}), 0);
}

TEST(Pricing, rounds_up_once_at_the_end) {
  EXPECT_EQ(priced({{0}, {1}, {1}}, {1, 0}), 1);
  EXPECT_EQ(priced({{0}, {1}, {1}}, {500, 500}), 1);
  EXPECT_EQ(priced({{0}, {1}, {1}}, {500, 501}), 2);
  EXPECT_EQ(priced({{7}, {3}, {0}}, {333, 0}), 8);
}

TEST(Pricing, is_exact_up_to_the_largest_sum) {
  EXPECT_EQ(priced({{0}, {kMax}, {0}}, {1, 0}), kMax / 1'000 + 1);
  EXPECT_EQ(priced({{kMax - 1}, {1}, {0}}, {1, 0}), kMax);
}

TEST(Pricing, refuses_what_does_not_fit) {
  for (const auto& [card, usage] : {std::pair<PriceCard, Usage>{{{0}, {kMax}, {0}}, {2, 0}},
                                    {{{0}, {0}, {2}}, {0, kMax}},
                                    {{{0}, {kMax}, {1}}, {1, 1}},
                                    {{{kMax}, {1}, {0}}, {1, 0}}}) {
    const auto result = cost(card, usage);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded);
  }
}

TEST(Pricing, refuses_what_is_below_zero) {
  for (const auto& [card, usage] : {std::pair<PriceCard, Usage>{{{-1}, {0}, {0}}, {}},
                                    {{{0}, {-1}, {0}}, {}},
                                    {{{0}, {0}, {-1}}, {}},
                                    {{}, {-1, 0}},
                                    {{}, {0, -1}}}) {
    const auto result = cost(card, usage);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace plmm::economy
