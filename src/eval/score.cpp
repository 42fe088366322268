// Shares and their intervals.
#include "eval/score.h"

#include <algorithm>
#include <cmath>

namespace plmm::eval {
namespace {

constexpr double kNormalQuantile = 1.959964;  // of 97.5 %: 95 % lie within both sides

}  // namespace

double Score::share() const {
  return n_asked == 0 ? 0 : static_cast<double>(n_right) / static_cast<double>(n_asked);
}

Interval wilson_interval(const Score& score) {
  if (score.n_asked == 0) return {};
  const auto n = static_cast<double>(score.n_asked);
  const double p = score.share();
  const double z2 = kNormalQuantile * kNormalQuantile;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kNormalQuantile * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  // Rounding may not push the interval beyond the share itself.
  return {std::clamp(centre - half, 0.0, p), std::clamp(centre + half, p, 1.0)};
}

}  // namespace plmm::eval
