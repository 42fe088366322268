// Gram-Schmidt twice over, Jacobi's rotations, and projections on few directions.
#include "merge/matrix.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/rng.h"

namespace plmm::merge {
namespace {

double dot(const double* x, const double* y, int n) {
  // Four sums, since one would wait for each addition.
  double sums[4] = {0, 0, 0, 0};
  int i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int k = 0; k < 4; ++k) sums[k] += x[i + k] * y[i + k];
  }
  for (; i < n; ++i) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void add_scaled(double* y, const double* x, double factor, int n) {
  for (int i = 0; i < n; ++i) y[i] += factor * x[i];
}

template <class T>
double squares(const Matrix<T>& m) {
  double sum = 0;
  for (const T x : m.data) sum += static_cast<double>(x) * static_cast<double>(x);
  return sum;
}

Small widened(const Dense& m) {
  Small out(m.n_rows, m.n_columns);
  std::ranges::copy(m.data, out.data.begin());
  return out;
}

Dense narrowed(const Small& m) {
  Dense out(m.n_rows, m.n_columns);
  std::ranges::transform(m.data, out.data.begin(), [](double x) { return static_cast<float>(x); });
  return out;
}

/// Orthonormal columns that span those of m.
Dense basis(const Dense& m) { return narrowed(thin_qr(widened(m)).q); }

std::size_t u(int n) { return static_cast<std::size_t>(n); }

/// a's number of row i and depth d stands at i · a_row + d · a_depth.
Dense multiply(const Dense& a, int n_rows, int depth, std::size_t a_row, std::size_t a_depth,
               const Dense& b, const Team& team) {
  CHECK(depth == b.n_rows);
  Dense out(n_rows, b.n_columns);
  team.pool.run([&](int thread) {
    const Range mine = split(n_rows, thread, team.pool.size());
    if (mine.begin == mine.end) return;
    kernel::FloatProduct p;
    p.n_rows = mine.end - mine.begin;
    p.n_columns = b.n_columns;
    p.depth = depth;
    p.a = a.data.data() + u(mine.begin) * a_row;
    p.a_row = a_row;
    p.a_depth = a_depth;
    p.b = b.data.data();
    p.ldb = p.ldc = u(b.n_columns);
    p.c = out.row(mine.begin);
    team.kernels.product(p);
  });
  return out;
}

/// The first `rank` directions of left · core · rightᵀ, where left and right have orthonormal
/// columns.
LowRank low_rank(const Small& left, const Small& core, const Small& right, int rank) {
  const Svd svd = singular_values(core);
  LowRank out{Small(left.n_rows, rank), Small(rank, right.n_rows)};
  const int n = std::min(rank, core.n_columns);
  for (int k = 0; k < n; ++k) {
    const double value = svd.values[static_cast<std::size_t>(k)];
    const double root = std::sqrt(value);
    out.kept += value * value;
    for (int i = 0; i < left.n_rows; ++i) {
      double sum = 0;
      for (int j = 0; j < left.n_columns; ++j) sum += left.at(i, j) * svd.u.at(j, k);
      out.left.at(i, k) = root * sum;
    }
    for (int i = 0; i < right.n_rows; ++i) {
      double sum = 0;
      for (int j = 0; j < right.n_columns; ++j) sum += right.at(i, j) * svd.v.at(j, k);
      out.right.at(k, i) = root * sum;
    }
  }
  for (const double value : svd.values) out.whole += value * value;
  return out;
}

/// Makes columns p and q of `a` (rows of the transposed) orthogonal, and turns `v` with them.
/// Whether they were not already.
bool rotate(Small& a, Small& v, int p, int q) {
  constexpr double kOrthogonal = 1e-14;
  const int n = a.n_columns;
  const double x = dot(a.row(p), a.row(p), n), y = dot(a.row(q), a.row(q), n);
  const double z = dot(a.row(p), a.row(q), n);
  if (std::abs(z) <= kOrthogonal * std::sqrt(x * y)) return false;
  const double zeta = (y - x) / (2 * z);
  const double t = (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
  const double c = 1 / std::sqrt(1 + t * t), s = c * t;
  const auto turn = [&](Small& m) {
    for (int i = 0; i < m.n_columns; ++i) {
      const double first = m.row(p)[i], second = m.row(q)[i];
      m.row(p)[i] = c * first - s * second;
      m.row(q)[i] = s * first + c * second;
    }
  };
  turn(a);
  turn(v);
  return true;
}

}  // namespace

Small transposed(const Small& a) {
  Small out(a.n_columns, a.n_rows);
  for (int i = 0; i < a.n_rows; ++i) {
    for (int j = 0; j < a.n_columns; ++j) out.at(j, i) = a.at(i, j);
  }
  return out;
}

Small product(const Small& a, const Small& b) {
  CHECK(a.n_columns == b.n_rows);
  Small out(a.n_rows, b.n_columns);
  for (int i = 0; i < a.n_rows; ++i) {
    for (int k = 0; k < a.n_columns; ++k) add_scaled(out.row(i), b.row(k), a.at(i, k), b.n_columns);
  }
  return out;
}

Qr thin_qr(const Small& a) {
  constexpr double kDependent = 1e-12;  // of a column's length
  Small columns = transposed(a);
  Small r(a.n_columns, a.n_columns);
  for (int k = 0; k < a.n_columns; ++k) {
    double* const column = columns.row(k);
    const double before = std::sqrt(dot(column, column, a.n_rows));
    for (int pass = 0; pass < 2; ++pass) {  // the second removes what rounding left
      for (int i = 0; i < k; ++i) {
        const double along = dot(columns.row(i), column, a.n_rows);
        add_scaled(column, columns.row(i), -along, a.n_rows);
        r.at(i, k) += along;
      }
    }
    const double length = std::sqrt(dot(column, column, a.n_rows));
    const bool depends = length <= kDependent * before;
    r.at(k, k) = depends ? 0 : length;
    for (int i = 0; i < a.n_rows; ++i) column[i] = depends ? 0 : column[i] / length;
  }
  return {transposed(columns), std::move(r)};
}

Svd singular_values(Small a) {
  CHECK(a.n_rows >= a.n_columns);
  constexpr int kSweepsMax = 60;  // a dozen is usual
  const int n = a.n_columns;
  Small columns = transposed(a), v(n, n);
  for (int i = 0; i < n; ++i) v.at(i, i) = 1;
  for (int sweep = 0; sweep < kSweepsMax; ++sweep) {
    bool is_turned = false;
    for (int p = 0; p < n; ++p) {
      for (int q = p + 1; q < n; ++q) is_turned |= rotate(columns, v, p, q);
    }
    if (!is_turned) break;
  }
  std::vector<double> lengths;
  for (int k = 0; k < n; ++k)
    lengths.push_back(std::sqrt(dot(columns.row(k), columns.row(k), a.n_rows)));
  std::vector<int> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(),
                           [&](int k) { return lengths[static_cast<std::size_t>(k)]; });
  Svd out{Small(a.n_rows, n), {}, Small(n, n)};
  for (int k = 0; k < n; ++k) {
    const int from = order[static_cast<std::size_t>(k)];
    const double length = lengths[static_cast<std::size_t>(from)];
    out.values.push_back(length);
    for (int i = 0; i < a.n_rows; ++i)
      out.u.at(i, k) = length == 0 ? 0 : columns.at(from, i) / length;
    for (int i = 0; i < n; ++i) out.v.at(i, k) = v.at(from, i);
  }
  return out;
}

LowRank truncated_product(const Small& b, const Small& a, int rank) {
  CHECK(b.n_columns == a.n_rows);
  const Qr left = thin_qr(b), right = thin_qr(transposed(a));
  LowRank out = low_rank(left.q, product(left.r, transposed(right.r)), right.q, rank);
  constexpr double kRounding = 1e-24;  // of squares: what is left where factors cancel out
  if (out.whole > kRounding * squares(b) * squares(a)) return out;
  return {Small(b.n_rows, rank), Small(rank, a.n_columns)};
}

Dense product(const Dense& a, const Dense& b, const Team& team) {
  return multiply(a, a.n_rows, a.n_columns, u(a.n_columns), 1, b, team);
}

Dense transposed_product(const Dense& a, const Dense& b, const Team& team) {
  return multiply(a, a.n_columns, a.n_rows, 1, u(a.n_columns), b, team);
}

LowRank truncated(const Dense& m, int rank, std::uint64_t seed, const Team& team) {
  constexpr int kOversampled = 10, kPowers = 2;
  const int n = std::min({rank + kOversampled, m.n_rows, m.n_columns});
  Dense directions(m.n_columns, n);
  Rng rng(seed);
  for (float& x : directions.data) x = static_cast<float>(2 * rng.uniform() - 1);
  Dense q = basis(product(m, directions, team));
  for (int i = 0; i < kPowers; ++i)
    q = basis(product(m, basis(transposed_product(m, q, team)), team));
  // m is nearly q · qᵀ · m, and qᵀ · m is transposed(right.q · right.r).
  const Qr right = thin_qr(widened(transposed_product(m, q, team)));
  LowRank out = low_rank(widened(q), transposed(right.r), right.q, rank);
  out.whole = squares(m);
  return out;
}

}  // namespace plmm::merge
