// Matrices of one sequence, a row for each token, and work split over a pool.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

#include "base/thread_pool.h"

namespace plmm::train {

/// Rows of floats `ld` apart; views into memory that another owns.
struct Rows {
  float* data = nullptr;
  std::size_t ld = 0;

  float* row(int t) const { return data + static_cast<std::size_t>(t) * ld; }
  int stride() const { return static_cast<int>(ld); }
  /// From column `column` on.
  Rows from(int column) const { return {data + column, ld}; }
};

/// The distance of rows of n floats: 8 cache lines beyond a multiple of 16, so that pieces of 12
/// rows that are multiplied together do not all fall on the same lines of the nearest cache.
constexpr std::size_t row_distance(int n) {
  constexpr std::size_t kEvery = 256, kBeyond = 128;
  const std::size_t wanted = static_cast<std::size_t>(n) + kEvery - 1 - kBeyond;
  return wanted / kEvery * kEvery + kBeyond;
}

/// Calls work(task, thread) for each task in [0, n), on all threads. Which thread takes a task is
/// left open: a task must write only what no other task reads or writes.
template <class Work>
void for_each_task(ThreadPool& pool, int n, const Work& work) {
  std::atomic<int> next{0};
  pool.run([&](int thread) {
    for (int task = next.fetch_add(1, std::memory_order_relaxed); task < n;
         task = next.fetch_add(1, std::memory_order_relaxed)) {
      work(task, thread);
    }
  });
}

/// Calls work(t, thread) for each row in [0, n); rows go out in groups.
template <class Work>
void for_each_row(ThreadPool& pool, int n, const Work& work) {
  constexpr int kGroup = 16;
  for_each_task(pool, (n + kGroup - 1) / kGroup, [&](int task, int thread) {
    for (int t = task * kGroup; t < std::min((task + 1) * kGroup, n); ++t) work(t, thread);
  });
}

/// How many of n equal pieces (up to most) a task should take, so that threads finish together; the
/// largest of the best.
constexpr int pieces_of_task(int n, int most, int n_threads) {
  int best = 1, best_time = n + most;
  for (int k = 1; k <= most; ++k) {
    const int n_tasks = (n + k - 1) / k, time = (n_tasks + n_threads - 1) / n_threads * k;
    if (time <= best_time) {
      best = k;
      best_time = time;
    }
  }
  return best;
}

}  // namespace plmm::train
