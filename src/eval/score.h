// How many answers were right, and how far that can be trusted.
#pragma once

#include <cstddef>

namespace plmm::eval {

struct Score {
  std::size_t n_asked = 0;
  std::size_t n_right = 0;  // ≤ n_asked

  /// 0 … 1; 0 when nothing was asked.
  double share() const;
  bool operator==(const Score&) const = default;
};

/// Where the true share lies with 95 % certainty: 0 ≤ low ≤ share ≤ high ≤ 1; 0 … 1 when nothing
/// was asked. Source: Wilson, Journal of the American Statistical Association 22 (1927).
struct Interval {
  double low = 0;
  double high = 1;
};
Interval wilson_interval(const Score& score);

}  // namespace plmm::eval
