// Merged adapters against entries computed one by one.
#include "merge/merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/tiny_lora.h"

namespace plmm::merge {
namespace {

using model::LoraAdapter;
using model::LoraTarget;

/// Two adapters that differ in rank, alpha and targets.
std::vector<LoraAdapter> two() {
  return {model::tiny_lora(model::tiny_lora_config(), {.rank = 4, .alpha = 8}, 0.5F, 1),
          model::tiny_lora(model::tiny_lora_config(),
                           {.rank = 6,
                            .alpha = 3,
                            .targets = {LoraTarget::query, LoraTarget::value, LoraTarget::down}},
                           0.7F, 2)};
}

/// scaling · B·A in full; zeros where the matrix is not changed.
std::vector<double> change(const LoraAdapter& adapter, int layer, LoraTarget target) {
  const auto& pair = adapter.pair(layer, target);
  std::vector<double> out;
  for (int i = 0; i < pair.n_out; ++i) {
    for (int k = 0; k < pair.n_in; ++k) {
      double sum = 0;
      for (int r = 0; r < pair.rank; ++r) {
        sum += static_cast<double>(pair.b[static_cast<std::size_t>(i * pair.rank + r)]) *
               static_cast<double>(pair.a[static_cast<std::size_t>(r * pair.n_in + k)]);
      }
      out.push_back(pair.empty() ? 0 : sum * static_cast<double>(adapter.scaling(pair)));
    }
  }
  return out;
}

Merged merged(const MergeOptions& options, int n_threads = 1) {
  ThreadPool pool(n_threads);
  auto out = merge_adapters(two(), options, model::tiny_lora_config(), pool, Cancel());
  EXPECT_TRUE(out) << out.error().what;
  return std::move(out).value();
}

/// `want` of the two changes of an entry, for every entry of the model.
template <class Want>
void expect_entries(const LoraAdapter& adapter, double tolerance, const Want& want) {
  const auto from = two();
  for (int layer = 0; layer < 2; ++layer) {
    for (const auto target : model::all_lora_targets()) {
      const auto first = change(from[0], layer, target), second = change(from[1], layer, target);
      const auto found = change(adapter, layer, target);
      for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_NEAR(found[i], want(first[i], second[i]), tolerance) << layer << " " << i;
    }
  }
}

TEST(Merge, of_sums_is_exact_whatever_the_ranks) {
  const auto task = merged({Method::task, {2, -0.5}});
  EXPECT_EQ(task.adapter.rank, 10);
  EXPECT_LT(task.lost, 1e-12);
  expect_entries(task.adapter, 1e-5, [](double a, double b) { return 2 * a - 0.5 * b; });
  const auto linear = merged({Method::linear, {3, 1}});
  expect_entries(linear.adapter, 1e-5, [](double a, double b) { return 0.75 * a + 0.25 * b; });
  EXPECT_TRUE(linear.adapter.pair(0, LoraTarget::up).rank == 4);  // only one changes it
}

TEST(Merge, cut_to_a_rank_says_what_is_lost) {
  const auto whole = merged({Method::task, {1, 1}}), cut = merged({Method::task, {1, 1}, 0.5, 3});
  EXPECT_EQ(cut.adapter.rank, 3);
  double lost = 0, all = 0;
  for (int layer = 0; layer < 2; ++layer) {
    for (const auto target : model::all_lora_targets()) {
      const auto a = change(whole.adapter, layer, target), b = change(cut.adapter, layer, target);
      for (std::size_t i = 0; i < a.size(); ++i) {
        lost += (a[i] - b[i]) * (a[i] - b[i]);
        all += a[i] * a[i];
      }
    }
  }
  EXPECT_NEAR(cut.lost, lost / all, 1e-5);
  EXPECT_GT(cut.lost, 0.05);
}

/// The density-th largest size of a change.
double least_kept(std::vector<double> values, double density) {
  for (double& x : values) x = std::abs(x);
  std::ranges::sort(values, std::greater());
  return values[static_cast<std::size_t>(std::ceil(density * static_cast<double>(values.size()))) -
                1];
}

TEST(Merge, by_ties_keeps_large_entries_of_the_heavier_sign) {
  MergeOptions options{Method::ties, {1, 2}, 0.3};
  options.rank = 64;  // so that nothing is cut where a matrix has 64 rows
  const auto found = merged(options);
  const auto from = two();
  const auto target = LoraTarget::down;
  const auto a = change(from[0], 1, target), b = change(from[1], 1, target);
  const double least_a = least_kept(a, 0.3), least_b = least_kept(b, 0.3);
  const auto c = change(found.adapter, 1, target);
  int n_both = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = std::abs(a[i]) < least_a - 1e-7 ? 0 : a[i];
    const double y = std::abs(b[i]) < least_b - 1e-7 ? 0 : b[i];
    const double mass = x + 2 * y;
    double want = 0;
    if (x * mass > 0 && y * mass > 0)
      want = (x + 2 * y) / 3;
    else if (x * mass > 0)
      want = x;
    else if (y * mass > 0)
      want = y;
    n_both += x != 0 && y != 0 && x * y < 0 ? 1 : 0;
    ASSERT_NEAR(c[i], want, 2e-4) << i;
  }
  EXPECT_GT(n_both, 20);  // conflicts there were
}

TEST(Merge, by_dare_drops_by_a_seeded_chance_and_keeps_the_sum_in_the_mean) {
  MergeOptions options{Method::dare, {1, 0}, 0.25};
  options.rank = 64;
  const auto target = LoraTarget::output;
  const auto whole = change(two()[0], 0, target);
  const auto found = change(merged(options).adapter, 0, target);
  std::size_t n_kept = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const bool kept = std::abs(found[i]) > std::abs(whole[i]);
    n_kept += kept ? 1U : 0U;
    ASSERT_NEAR(found[i], kept ? 4 * whole[i] : 0, 1e-4) << i;
  }
  EXPECT_NEAR(static_cast<double>(n_kept) / static_cast<double>(whole.size()), 0.25, 0.03);
  EXPECT_EQ(change(merged(options, 3).adapter, 0, target), found);
  options.seed = 1;
  EXPECT_NE(change(merged(options).adapter, 0, target), found);
}

TEST(Merge, that_keeps_every_entry_is_the_plain_sum_or_mean) {
  for (const auto method : {Method::dare, Method::ties, Method::dare_ties}) {
    MergeOptions options{method, {1, 1}, 1.0};
    options.rank = 64;
    const bool sums = method == Method::dare;
    expect_entries(merged(options).adapter, 2e-4, [&](double a, double b) {
      if (sums) return a + b;
      if (a * b > 0) return (a + b) / 2;
      return std::abs(a) > std::abs(b) ? a : b;
    });
  }
}

TEST(Merge, of_an_adapter_alone_is_that_adapter) {
  ThreadPool pool(1);
  const auto from = two();
  const auto alone = merge_adapters(std::span(from).first(1), {Method::linear, {2}},
                                    model::tiny_lora_config(), pool, Cancel())
                         .value();
  const auto a = change(from[0], 1, LoraTarget::gate);
  const auto b = change(alone.adapter, 1, LoraTarget::gate);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5);
}

TEST(Merge, keeps_the_base_that_all_were_trained_on) {
  auto from = two();
  ThreadPool pool(1);
  from[0].base_fingerprint = from[1].base_fingerprint = "0123456789abcdef";
  const MergeOptions options{Method::linear, {1, 1}};
  const auto base = [&] {
    return merge_adapters(from, options, model::tiny_lora_config(), pool, Cancel())
        ->adapter.base_fingerprint;
  };
  EXPECT_EQ(base(), "0123456789abcdef");
  from[1].base_fingerprint = "";
  EXPECT_EQ(base(), "");
}

TEST(Merge, refuses_what_cannot_be_merged) {
  ThreadPool pool(1);
  const auto from = two();
  const auto refused = [&](const MergeOptions& options, std::string_view why) {
    const auto out = merge_adapters(from, options, model::tiny_lora_config(), pool, Cancel());
    ASSERT_FALSE(out) << why;
    EXPECT_EQ(out.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(out.error().what.find(why), std::string::npos) << out.error().what;
  };
  refused({Method::linear, {1}}, "needs a weight");
  refused({Method::linear, {1, -1}}, "the sum of the weights, which is 0");
  refused({Method::task, {1, 11}}, "between -10 and 10");
  refused({Method::task, {1, std::nanf("")}}, "between -10 and 10");
  refused({Method::ties, {1, -1}}, "above 0");
  refused({Method::ties, {1, 1}, 0.0}, "density");
  refused({Method::dare, {1, 1}, 1.5}, "density");
  refused({Method::task, {1, 1}, 0.5, 257}, "the rank must be");
  refused({Method::task, {0, 0}}, "cancel each other out");
  const std::vector<LoraAdapter> twice{from[0], from[0]};
  EXPECT_EQ(
      merge_adapters(twice, {Method::task, {1, -1}}, model::tiny_lora_config(), pool, Cancel())
          .error()
          .code,
      ErrorCode::invalid_argument);
  auto damaged = two();
  damaged[0].pair(0, LoraTarget::query).b[5] = std::nanf("");
  EXPECT_EQ(
      merge_adapters(damaged, {Method::task, {10, 1}}, model::tiny_lora_config(), pool, Cancel())
          .error()
          .code,
      ErrorCode::invalid_argument);
  EXPECT_FALSE(merge_adapters({}, {}, model::tiny_lora_config(), pool, Cancel()));
  model::ModelConfig other = model::tiny_lora_config();
  other.n_ff = 128;
  EXPECT_EQ(merge_adapters(from, {Method::task, {1, 1}}, other, pool, Cancel()).error().code,
            ErrorCode::invalid_argument);
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(merge_adapters(from, {Method::task, {1, 1}}, model::tiny_lora_config(), pool, cancel)
                .error()
                .code,
            ErrorCode::cancelled);
}

TEST(Merge, knows_its_methods_by_name) {
  EXPECT_EQ(method_from_name("dare-ties"), Method::dare_ties);
  EXPECT_EQ(method_from_name("linear"), Method::linear);
  EXPECT_FALSE(method_from_name("slerp"));
}

}  // namespace
}  // namespace plmm::merge
