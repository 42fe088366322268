// Factorisations against what defines them.
#include "merge/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "kernel/dispatch.h"

namespace plmm::merge {
namespace {

Small drawn_matrix(int n_rows, int n_columns, std::uint64_t seed) {
  Small out(n_rows, n_columns);
  Rng rng(seed);
  for (double& x : out.data) x = 2 * rng.uniform() - 1;
  return out;
}

double distance(const Small& a, const Small& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    sum += (a.data[i] - b.data[i]) * (a.data[i] - b.data[i]);
  return std::sqrt(sum);
}

Small diagonal(const std::vector<double>& values) {
  const int n = static_cast<int>(values.size());
  Small out(n, n);
  for (int i = 0; i < n; ++i) out.at(i, i) = values[static_cast<std::size_t>(i)];
  return out;
}

TEST(Matrix, is_orthonormal_columns_times_a_triangle) {
  const Small a = drawn_matrix(20, 7, 1);
  const auto [q, r] = thin_qr(a);
  EXPECT_LT(distance(product(q, r), a), 1e-12);
  EXPECT_LT(distance(product(transposed(q), q), diagonal(std::vector<double>(7, 1))), 1e-12);
  for (int i = 0; i < 7; ++i) {
    for (int j = 0; j < i; ++j) EXPECT_EQ(r.at(i, j), 0);
  }
}

TEST(Matrix, with_columns_that_depend_on_others_is_still_the_product) {
  Small a = drawn_matrix(5, 8, 2);  // more columns than rows
  for (int i = 0; i < 5; ++i) a.at(i, 1) = 3 * a.at(i, 0);
  const auto [q, r] = thin_qr(a);
  EXPECT_LT(distance(product(q, r), a), 1e-11);
  EXPECT_EQ(r.at(1, 1), 0);
  EXPECT_LT(distance(product(thin_qr(Small(4, 3)).q, Small(3, 3)), Small(4, 3)), 1e-15);
}

TEST(Matrix, has_singular_values_that_make_it_again) {
  const Small a = drawn_matrix(12, 9, 3);
  const auto svd = singular_values(a);
  const Small again = product(product(svd.u, diagonal(svd.values)), transposed(svd.v));
  EXPECT_LT(distance(again, a), 1e-12);
  EXPECT_TRUE(std::ranges::is_sorted(svd.values, std::greater()));
  EXPECT_LT(distance(product(transposed(svd.v), svd.v), diagonal(std::vector<double>(9, 1))),
            1e-12);
  const auto known = singular_values(diagonal({3, -7, 0, 2}));
  EXPECT_NEAR(known.values[0], 7, 1e-14);
  EXPECT_NEAR(known.values[1], 3, 1e-14);
  EXPECT_NEAR(known.values[3], 0, 1e-14);
}

TEST(Matrix, cut_to_a_rank_loses_just_the_smallest_singular_values) {
  const Small b = drawn_matrix(14, 6, 4), a = drawn_matrix(6, 11, 5);
  const Small whole = product(b, a);
  const auto values = singular_values(whole).values;
  for (const int rank : {1, 3, 6, 9}) {
    const auto cut = truncated_product(b, a, rank);
    double lost = 0;
    for (std::size_t i = static_cast<std::size_t>(rank); i < values.size(); ++i)
      lost += values[i] * values[i];
    EXPECT_NEAR(distance(product(cut.left, cut.right), whole), std::sqrt(lost), 1e-11);
    EXPECT_NEAR(cut.whole - cut.kept, lost, 1e-10);
  }
}

TEST(Matrix, that_is_dense_is_cut_nearly_as_well_and_the_same_on_all_threads) {
  const Small factors = product(drawn_matrix(60, 5, 6), drawn_matrix(5, 90, 7));
  Dense m(60, 90);
  Small noisy(60, 90);
  const Small noise = drawn_matrix(60, 90, 8);
  for (std::size_t i = 0; i < m.data.size(); ++i) {
    m.data[i] = static_cast<float>(factors.data[i] + 0.01 * noise.data[i]);
    noisy.data[i] = static_cast<double>(m.data[i]);
  }
  const auto values = singular_values(transposed(noisy)).values;
  double best = 0;
  for (std::size_t i = 5; i < values.size(); ++i) best += values[i] * values[i];
  ThreadPool one(1), three(3);
  const auto& kernels = *kernel::find_kernels("")->backward;
  const auto& reference = *kernel::find_kernels("reference")->backward;
  const auto cut = truncated(m, 5, 1, {one, kernels});
  const auto again = truncated(m, 5, 1, {three, reference});
  EXPECT_EQ(cut.left.data, again.left.data);
  EXPECT_EQ(cut.right.data, again.right.data);
  const double error = distance(product(cut.left, cut.right), noisy);
  EXPECT_LT(error, 1.02 * std::sqrt(best));
  EXPECT_NEAR(cut.whole - cut.kept, error * error, 1e-6 * cut.whole);  // f32
}

}  // namespace
}  // namespace plmm::merge
