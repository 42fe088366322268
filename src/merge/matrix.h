// The linear algebra of merging: thin QR, singular values, and the best approximation of low rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "kernel/backward.h"

namespace plmm::merge {

/// Row-major [n_rows][n_columns].
template <class T>
struct Matrix {
  Matrix(int rows, int columns)
      : n_rows(rows),
        n_columns(columns),
        data(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}

  int n_rows;
  int n_columns;
  std::vector<T> data;

  T* row(int i) { return data.data() + static_cast<std::size_t>(i) * width(); }
  const T* row(int i) const { return data.data() + static_cast<std::size_t>(i) * width(); }
  T& at(int i, int j) { return row(i)[j]; }
  T at(int i, int j) const { return row(i)[j]; }

 private:
  std::size_t width() const { return static_cast<std::size_t>(n_columns); }
};
using Small = Matrix<double>;  // factors
using Dense = Matrix<float>;   // of the size of a model's matrix

Small transposed(const Small& a);
/// a · b
Small product(const Small& a, const Small& b);

/// a = q · r; q's columns are orthonormal, or zero where a's column depends on those before it.
struct Qr {
  Small q;  // [n_rows][n_columns]
  Small r;  // [n_columns][n_columns] upper triangular
};
Qr thin_qr(const Small& a);

/// a = u · diag(values) · vᵀ, values descending; u's columns of value 0 are zero.
struct Svd {
  Small u;  // [n_rows][n_columns]
  std::vector<double> values;
  Small v;  // [n_columns][n_columns]
};
/// Needs: n_rows ≥ n_columns. One-sided Jacobi rotations; source: Hestenes 1958.
Svd singular_values(Small a);

/// left [n_rows][rank] · right [rank][n_columns], of which each has the square roots of the
/// singular values.
struct LowRank {
  Small left;
  Small right;
  double kept = 0;   // Σ squares of the singular values that stayed
  double whole = 0;  // of all: the squared Frobenius norm
};

/// The best approximation of b · a of rank `rank` ≤ its sides, exact up to rounding; zeros where no
/// more than rounding is left of the product.
///   b [n_rows][n] · a [n][n_columns]
LowRank truncated_product(const Small& b, const Small& a, int rank);

/// What dense products are computed with.
struct Team {
  ThreadPool& pool;
  const kernel::BackwardKernels& kernels;
};

/// out [a.n_rows][b.n_columns] = a · b, and aᵀ · b; in f32, one order of sums for all teams.
Dense product(const Dense& a, const Dense& b, const Team& team);
Dense transposed_product(const Dense& a, const Dense& b, const Team& team);

/// Of a dense matrix, by a seeded random projection and power iterations: within a few percent of
/// the best error. The same bits for every number of threads.
/// Source: Halko, Martinsson and Tropp, SIAM Review 53 (2011), algorithms 4.4 and 5.1.
LowRank truncated(const Dense& m, int rank, std::uint64_t seed, const Team& team);

}  // namespace plmm::merge
