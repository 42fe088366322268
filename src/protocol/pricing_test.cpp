// Tests of prices and quotes.
#include "protocol/pricing.h"

#include <gtest/gtest.h>

namespace plmm::protocol {
namespace {

using ledger::Microcredits;

PriceCard prices(std::int64_t request, std::int64_t in, std::int64_t out) {
  return {Microcredits{request}, Microcredits{in}, Microcredits{out}};
}

TEST(Pricing, adds_the_three_parts_and_rounds_up_once) {
  EXPECT_EQ(price(prices(100, 0, 0), {})->value, 100);
  EXPECT_EQ(price(prices(100, 3, 7), {.n_in = 1000, .n_out = 2000})->value, 117);
  EXPECT_EQ(price(prices(0, 1, 1), {.n_in = 1, .n_out = 0})->value, 1);
  EXPECT_EQ(price(prices(0, 1, 1), {.n_in = 500, .n_out = 500})->value, 1);
  EXPECT_EQ(price(prices(0, 1, 1), {.n_in = 500, .n_out = 501})->value, 2);
}

TEST(Pricing, costs_nothing_where_nothing_is_asked_for) {
  EXPECT_EQ(price({}, {.n_in = 100, .n_out = 100})->value, 0);
}

TEST(Pricing, refuses_a_negative_price) {
  EXPECT_EQ(price(prices(-1, 0, 0), {}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(price(prices(0, -1, 0), {}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(price(prices(0, 0, -1), {}).error().code, ErrorCode::invalid_argument);
}

TEST(Pricing, refuses_what_does_not_fit_instead_of_wrapping) {
  const auto most = prices(kIntegerMax, kIntegerMax, kIntegerMax);
  EXPECT_EQ(price(most, {.n_in = 1, .n_out = 0}).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(price(most, {.n_in = kTokensMax, .n_out = 0}).error().code, ErrorCode::limit_exceeded);
  const auto two = prices(0, kIntegerMax, kIntegerMax);
  EXPECT_EQ(price(two, {.n_in = 1000, .n_out = 1000}).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(price({}, {.n_in = kTokensMax + 1, .n_out = 0}).error().code,
            ErrorCode::limit_exceeded);
  EXPECT_EQ(price(two, {.n_in = 1000, .n_out = 0})->value, kIntegerMax);
}

TEST(Pricing, quotes_the_most_that_the_card_allows) {
  ExpertCard card;
  card.name = "it";
  card.release = 3;
  card.prices = prices(10, 1000, 2000);
  card.n_tokens_in_max = 900;
  const auto most = quote(card, 128);
  ASSERT_TRUE(most) << most.error().what;
  EXPECT_EQ(most->expert, "it");
  EXPECT_EQ(most->release, 3U);
  EXPECT_EQ(most->price_max.value, 10 + 900 + 256);
}

}  // namespace
}  // namespace plmm::protocol
