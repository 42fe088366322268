// Kullback-Leibler divergence, top-1 agreement and normalised squared error of logits.
#include "bench/divergence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"

namespace plmm::bench {

Divergence& Divergence::operator+=(const Divergence& other) {
  n += other.n;
  kl += other.kl;
  n_same_top += other.n_same_top;
  error += other.error;
  power += other.power;
  return *this;
}

Divergence compare(std::span<const float> reference, std::span<const float> candidate) {
  CHECK(reference.size() == candidate.size() && !reference.empty());
  const auto best_p = std::ranges::max_element(reference);
  const auto best_q = std::ranges::max_element(candidate);
  Divergence out;
  out.n = 1;
  out.n_same_top = best_p - reference.begin() == best_q - candidate.begin() ? 1 : 0;
  // With x and y the logits: KL = Σ p (x − y) − log Σ eˣ + log Σ eʸ, sums relative to the maxima.
  double sum_p = 0;
  double sum_q = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double x = reference[i];
    const double y = candidate[i];
    const double p = std::exp(reference[i] - *best_p);
    sum_p += p;
    sum_q += static_cast<double>(std::exp(candidate[i] - *best_q));
    weighted += p * (x - y);
    out.error += (y - x) * (y - x);
    out.power += x * x;
  }
  out.kl = weighted / sum_p - (static_cast<double>(*best_p) + std::log(sum_p)) +
           (static_cast<double>(*best_q) + std::log(sum_q));
  if (!std::isfinite(out.kl)) {
    out.kl = std::numeric_limits<double>::infinity();
    out.error = std::numeric_limits<double>::infinity();
  }
  return out;
}

Divergence compare_rows(std::span<const float> reference, std::span<const float> candidate,
                        int n_vocabulary, ThreadPool& pool) {
  const auto n_columns = static_cast<std::size_t>(n_vocabulary);
  CHECK(reference.size() == candidate.size() && reference.size() % n_columns == 0);
  const auto n_rows = static_cast<int>(reference.size() / n_columns);
  std::vector<Divergence> rows(static_cast<std::size_t>(n_rows));
  pool.run([&](int thread) {
    const Range range = split(n_rows, thread, pool.size());
    for (int row = range.begin; row < range.end; ++row) {
      const auto at = static_cast<std::size_t>(row) * n_columns;
      rows[static_cast<std::size_t>(row)] =
          compare(reference.subspan(at, n_columns), candidate.subspan(at, n_columns));
    }
  });
  Divergence out;
  for (const Divergence& row : rows) out += row;
  return out;
}

}  // namespace plmm::bench
