// The logits of real weights against those of transformers: testdata/logits/README.md says how they
// were made. PLMM_TEST_MODEL names the model's file; without it there is nothing to test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "bench/golden.h"
#include "infer/engine.h"
#include "infer/session.h"

namespace plmm {
namespace {

constexpr int kSkipped = 77;           // as tests/golden/CMakeLists.txt tells ctest
constexpr double kErrorMax = 1e-6;     // of the exact path, over all stored logits
constexpr double kSumErrorMax = 1e-3;  // of the logarithm of a sum over the whole vocabulary
constexpr float kClearMargin = 0.5F;   // between the two best logits; 8-bit activations stay below

bench::Golden golden_of_the_test_model() {
  auto golden = bench::read_golden("testdata/logits/smollm2-135m.json");
  EXPECT_TRUE(golden) << golden.error().what;
  return golden.value_or(bench::Golden{});
}

using Logits = std::vector<std::vector<float>>;  // of each position of the golden text

Logits score(const bench::Golden& golden, infer::Precision precision, int n_threads) {
  infer::LoadOptions options;
  options.precision = precision;
  options.n_threads = n_threads;
  const auto engine = infer::Engine::load(std::getenv("PLMM_TEST_MODEL"), options);
  EXPECT_TRUE(engine) << engine.error().what;
  if (!engine) return {};
  auto session = infer::Session::create(**engine, 64);
  EXPECT_TRUE(session) << session.error().what;
  Logits out;
  const auto keep = [&](int, std::span<const float> logits) {
    out.emplace_back(logits.begin(), logits.end());
  };
  EXPECT_TRUE(session && session->score(golden.tokens, keep));
  return out;
}

std::vector<text::TokenId> best_ids(const std::vector<float>& logits, std::size_t n) {
  std::vector<text::TokenId> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(n), ids.end(),
                    [&](text::TokenId a, text::TokenId b) {
                      return logits[static_cast<std::size_t>(a)] >
                             logits[static_cast<std::size_t>(b)];
                    });
  ids.resize(n);
  return ids;
}

std::vector<text::TokenId> first_ids(const bench::GoldenRow& row, std::size_t n) {
  return {row.ids.begin(), row.ids.begin() + static_cast<std::ptrdiff_t>(n)};
}

double log_sum_exp(const std::vector<float>& logits) {
  const double best = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - best);
  return best + std::log(sum);
}

TEST(Golden, the_exact_path_computes_what_transformers_computes) {
  const auto golden = golden_of_the_test_model();
  const Logits logits = score(golden, infer::Precision::exact, 2);
  ASSERT_EQ(logits.size(), golden.tokens.size());
  bench::SquaredError sum;
  for (const auto& [position, want] : golden.rows) {
    const auto& got = logits.at(static_cast<std::size_t>(position));
    const auto error = bench::compare(want, got);
    ASSERT_TRUE(error) << error.error().what;
    sum.error += error->error;
    sum.power += error->power;
    EXPECT_EQ(best_ids(got, want.n_best), first_ids(want, want.n_best)) << "position " << position;
    EXPECT_NEAR(log_sum_exp(got), want.log_sum_exp, kSumErrorMax) << "position " << position;
  }
  EXPECT_GT(sum.power, 0);
  EXPECT_LE(sum.error / sum.power, kErrorMax);
  RecordProperty("nmse", testing::PrintToString(sum.error / sum.power));
}

TEST(Golden, the_fast_path_agrees_on_the_best_token_and_does_not_depend_on_threads) {
  const auto golden = golden_of_the_test_model();
  const Logits one = score(golden, infer::Precision::fast, 1);
  ASSERT_EQ(one.size(), golden.tokens.size());
  int n_clear = 0;
  for (const auto& [position, want] : golden.rows) {
    if (want.logits[0] - want.logits[1] < kClearMargin) continue;
    ++n_clear;
    EXPECT_EQ(best_ids(one.at(static_cast<std::size_t>(position)), 1), first_ids(want, 1))
        << "position " << position;
  }
  EXPECT_GE(n_clear, 2) << "or this compares nothing";
  EXPECT_EQ(score(golden, infer::Precision::fast, 2), one);
}

}  // namespace
}  // namespace plmm

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (std::getenv("PLMM_TEST_MODEL") == nullptr) return plmm::kSkipped;
  return RUN_ALL_TESTS();
}
