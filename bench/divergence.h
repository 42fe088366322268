// How far two sets of logits are apart.
#pragma once

#include <cstdint>
#include <span>

#include "base/thread_pool.h"

namespace plmm::bench {

/// Sums over positions; grows window by window.
struct Divergence {
  std::int64_t n = 0;           // positions
  double kl = 0;                // Σ KL(reference ‖ candidate), nats
  std::int64_t n_same_top = 0;  // positions with the same best token
  double error = 0;             // Σ (candidate − reference)²
  double power = 0;             // Σ reference²

  double mean_kl() const { return kl / static_cast<double>(n); }
  double top1() const { return static_cast<double>(n_same_top) / static_cast<double>(n); }
  double nmse() const { return error / power; }
  Divergence& operator+=(const Divergence& other);
};

/// Of one position: `reference` and `candidate` [n_vocabulary]. A candidate with a NaN or infinity
/// has an infinite divergence.
Divergence compare(std::span<const float> reference, std::span<const float> candidate);

/// Of many: both [n_rows][n_vocabulary]. The same sums for any number of threads.
Divergence compare_rows(std::span<const float> reference, std::span<const float> candidate,
                        int n_vocabulary, ThreadPool& pool);

}  // namespace plmm::bench
