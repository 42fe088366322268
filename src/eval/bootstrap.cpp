// Percentiles of drawn means, and the binomial test of pairs that differ.
#include "eval/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/rng.h"

namespace plmm::eval {
namespace {

constexpr std::size_t kSamples = 2'000;         // the bounds then vary by about 3 % of the interval
constexpr std::size_t kBeyond = kSamples / 40;  // 2.5 % lie below the interval and 2.5 % above

}  // namespace

double mean_of(std::span<const Unit> units) {
  Unit all;
  for (const Unit& unit : units) {
    all.sum += unit.sum;
    all.n += unit.n;
  }
  return all.n == 0 ? 0 : all.sum / all.n;
}

std::optional<Interval> bootstrap_interval(std::span<const Unit> units, std::uint64_t seed) {
  if (units.size() < 2) return {};
  Rng rng(seed);
  std::array<double, kSamples> means{};
  for (double& mean : means) {
    Unit all;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const Unit& unit = units[rng.below(units.size())];
      all.sum += unit.sum;
      all.n += unit.n;
    }
    mean = all.n == 0 ? 0 : all.sum / all.n;
  }
  std::ranges::sort(means);
  const double mean = mean_of(units);
  return Interval{std::min(means[kBeyond], mean), std::max(means[kSamples - 1 - kBeyond], mean)};
}

double mcnemar_p(std::size_t n_only_first, std::size_t n_only_second) {
  const std::size_t n = n_only_first + n_only_second;
  const auto factorial_log = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1); };
  double tail = 0;
  for (std::size_t k = 0; k <= std::min(n_only_first, n_only_second); ++k) {
    tail += std::exp(factorial_log(n) - factorial_log(k) - factorial_log(n - k) -
                     static_cast<double>(n) * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace plmm::eval
