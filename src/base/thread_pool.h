// A fixed team of threads that run one function together, with a barrier between its stages.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace plmm {

/// One team; one caller at a time. Workers spin for a moment after work and then sleep, so an idle
/// team costs nothing.
class ThreadPool {
 public:
  /// n where it is more than 0, else one per core.
  static int count_or_all(int n);

  /// n_threads ≥ 1, the calling thread included.
  explicit ThreadPool(int n_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls work(thread) once on every thread, 0 being the caller; returns when all have returned.
  /// The work must not throw and must not call run() again.
  void run(const std::function<void(int thread)>& work);

  /// Inside run(): waits until every thread of the team has arrived.
  void barrier();

 private:
  void worker(int thread);

  std::vector<std::thread> workers_;
  const std::function<void(int)>* work_ = nullptr;
  alignas(64) std::atomic<unsigned> generation_{
      0};  // each on its own cache line: waiters poll them
  alignas(64) std::atomic<int> n_running_{0};
  alignas(64) std::atomic<int> n_arrived_{0};
  alignas(64) std::atomic<unsigned> barrier_phase_{0};
  std::atomic<bool> stopping_{false};
};

/// The part [begin, end) of n items that thread `thread` of `n_threads` takes: contiguous, sizes
/// differ by at most one.
struct Range {
  int begin;
  int end;
};
constexpr Range split(int n, int thread, int n_threads) {
  const long wide = n;
  return {static_cast<int>(wide * thread / n_threads),
          static_cast<int>(wide * (thread + 1) / n_threads)};
}

}  // namespace plmm
