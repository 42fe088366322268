// The sampler on logits made by hand.
#include "infer/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace plmm::infer {
namespace {

using text::TokenId;

/// Everything passes: the plain distribution at temperature 1.
SamplerOptions open_options(std::uint64_t seed = 1) {
  return {.temperature = 1.0F,
          .top_k = 0,
          .top_p = 1.0F,
          .min_p = 0.0F,
          .repeat_penalty = 1.0F,
          .repeat_last_n = 64,
          .seed = seed};
}

std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> out;
  for (const double p : probabilities) out.push_back(static_cast<float>(std::log(p)));
  return out;
}

/// How often each id is drawn.
std::vector<int> draw(const SamplerOptions& options, const std::vector<float>& logits, int n) {
  Sampler sampler(options);
  std::vector<int> counts(logits.size());
  for (int i = 0; i < n; ++i) {
    auto copy = logits;
    ++counts[static_cast<std::size_t>(sampler.next(copy, {}))];
  }
  return counts;
}

std::set<std::size_t> drawn(const SamplerOptions& options, const std::vector<float>& logits) {
  const auto counts = draw(options, logits, 2000);
  std::set<std::size_t> out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) out.insert(i);
  }
  return out;
}

TokenId greedy_choice(std::vector<float> logits, const std::vector<TokenId>& recent,
                      float penalty = 1.0F, int last_n = 64) {
  auto options = open_options();
  options.temperature = 0;
  options.repeat_penalty = penalty;
  options.repeat_last_n = last_n;
  return Sampler(options).next(logits, recent);
}

const std::vector<double> kHalves{0.125, 0.5, 0.25, 0.125};
using Ids = std::set<std::size_t>;

TEST(Sampler, greedy_takes_the_lowest_id_among_equals) {
  EXPECT_EQ(greedy_choice({1, 3, 3, 2}, {}), 1);
  EXPECT_EQ(greedy_choice({-5, -5, -5}, {}), 0);
}

TEST(Sampler, draws_in_the_proportions_of_the_probabilities) {
  const std::vector<double> probabilities{0.1, 0.4, 0.05, 0.25, 0.2};
  constexpr int kDraws = 50'000;
  const auto counts = draw(open_options(20), logits_of(probabilities), kDraws);
  double chi_square = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = probabilities[i] * kDraws;
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 18.47) << "99.9 % of 4 degrees of freedom, seed 20";
}

TEST(Sampler, temperature_divides_the_logits) {
  auto options = open_options(3);
  options.temperature = 0.5F;  // squares the probabilities: 1, 16, 4, 1 of 22
  constexpr int kDraws = 22'000;
  const auto counts = draw(options, logits_of(kHalves), kDraws);
  const double expected[] = {1000, 16'000, 4000, 1000};
  double chi_square = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    chi_square += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  EXPECT_LT(chi_square, 16.27) << "99.9 % of 3 degrees of freedom, seed 3";
}

TEST(Sampler, top_k_keeps_the_best_and_lower_ids_among_equals) {
  auto options = open_options();
  for (const auto& [k, want] : std::vector<std::pair<int, Ids>>{
           {1, {1}}, {2, {1, 2}}, {3, {0, 1, 2}}, {0, {0, 1, 2, 3}}, {9, {0, 1, 2, 3}}}) {
    options.top_k = k;
    EXPECT_EQ(drawn(options, logits_of(kHalves)), want) << k;
  }
}

TEST(Sampler, top_p_keeps_the_fewest_that_reach_it) {
  auto options = open_options();
  for (const auto& [p, want] : std::vector<std::pair<float, Ids>>{
           {0.0F, {1}}, {0.4F, {1}}, {0.6F, {1, 2}}, {0.8F, {0, 1, 2}}, {1.0F, {0, 1, 2, 3}}}) {
    options.top_p = p;
    EXPECT_EQ(drawn(options, logits_of(kHalves)), want) << p;
  }
}

TEST(Sampler, min_p_is_measured_against_the_best) {
  auto options = open_options();
  for (const auto& [p, want] : std::vector<std::pair<float, Ids>>{
           {0.2F, {0, 1, 2, 3}}, {0.3F, {1, 2}}, {0.6F, {1}}, {2.0F, {1}}}) {
    options.min_p = p;
    EXPECT_EQ(drawn(options, logits_of(kHalves)), want) << p;
  }
}

TEST(Sampler, chooses_candidates_before_it_applies_the_temperature) {
  auto options = open_options();
  options.top_p = 0.6F;
  options.temperature = 1000.0F;
  const auto counts = draw(options, logits_of(kHalves), 10'000);
  EXPECT_EQ(counts[0] + counts[3], 0);
  EXPECT_NEAR(counts[1], 5000, 250);
}

TEST(Sampler, the_penalty_lowers_positive_and_negative_logits_of_recent_tokens) {
  EXPECT_EQ(greedy_choice({4, 3}, {0}, 2), 1);     // 4 / 2 < 3
  EXPECT_EQ(greedy_choice({-2, -3}, {0}, 2), 1);   // -2 · 2 < -3
  EXPECT_EQ(greedy_choice({4, 1.5F}, {0}, 2), 0);  // 4 / 2 > 1.5
  EXPECT_EQ(greedy_choice({4, 3}, {1}, 2), 0);
}

TEST(Sampler, the_penalty_counts_a_token_once_however_often_it_came) {
  EXPECT_EQ(greedy_choice({4, 1.5F}, {0, 0, 0}, 2), 0);
}

TEST(Sampler, the_penalty_forgets_what_is_long_ago) {
  EXPECT_EQ(greedy_choice({4, 3, 0}, {0, 2, 2}, 2, 2), 0);
  EXPECT_EQ(greedy_choice({4, 3, 0}, {0, 2, 2}, 2, 3), 1);
  EXPECT_EQ(greedy_choice({4, 3, 0}, {0}, 2, 0), 0);
}

TEST(Sampler, a_seed_decides_the_draws) {
  const auto logits = logits_of(kHalves);
  const auto sequence = [&](std::uint64_t seed) {
    Sampler sampler(open_options(seed));
    std::vector<TokenId> out;
    for (int i = 0; i < 50; ++i) {
      auto copy = logits;
      out.push_back(sampler.next(copy, out));
    }
    return out;
  };
  EXPECT_EQ(sequence(7), sequence(7));
  EXPECT_NE(sequence(7), sequence(8));
}

TEST(Sampler, survives_logits_far_apart) {
  const std::vector<float> logits{-3e38F, 3e38F, 0};
  EXPECT_EQ(drawn(open_options(), logits), Ids{1});
  auto cold = open_options();
  cold.temperature = 1e-30F;
  EXPECT_EQ(drawn(cold, {1, 2, 3}), Ids{2});
}

/// A large vocabulary with few different logits.
std::vector<float> many_equals(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(5000);
  for (float& logit : out) logit = static_cast<float>(rng.below(300)) * 0.01F - 2.0F;
  return out;
}

TEST(Sampler, draws_from_the_best_k_that_sorting_all_would_find) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto logits = many_equals(seed);
    std::vector<TokenId> order(logits.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<TokenId>(i);
    const auto logit = [&](TokenId id) { return logits[static_cast<std::size_t>(id)]; };
    std::ranges::stable_sort(order, [&](TokenId a, TokenId b) { return logit(a) > logit(b); });
    for (const int k : {1, 40, 700, 4999, 5000, 6000}) {
      auto options = open_options(seed);
      options.top_k = k;
      const auto n = std::min(order.size(), static_cast<std::size_t>(k));
      double total = 0;
      for (std::size_t i = 0; i < n; ++i)
        total += std::exp(double{logit(order[i])} - logit(order[0]));
      double left = Rng(seed).uniform() * total;
      std::size_t want = 0;
      while (want + 1 < n && (left -= std::exp(double{logit(order[want])} - logit(order[0]))) >= 0)
        ++want;
      auto copy = logits;
      EXPECT_EQ(Sampler(options).next(copy, {}), order[want]) << "seed " << seed << ", k " << k;
    }
  }
}

TEST(Sampler, takes_the_first_of_the_largest_wherever_it_stands) {
  for (const std::size_t at : {0U, 15U, 16U, 1023U, 1024U, 3001U, 4999U}) {
    std::vector<float> logits(5000, -3.0F);
    logits[at] = 2.0F;
    logits[4999] = 2.0F;
    EXPECT_EQ(greedy_choice(logits, {}), static_cast<TokenId>(at));
  }
  EXPECT_EQ(greedy_choice({-1e30F, -2e30F}, {}), 0);
}

}  // namespace
}  // namespace plmm::infer
