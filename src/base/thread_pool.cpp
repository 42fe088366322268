// Spin-then-sleep workers and a phase-counting barrier.
#include "base/thread_pool.h"

#include <algorithm>

#include "base/check.h"

namespace plmm {
namespace {

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 100 µs of pauses on a 3 GHz core: longer than most waits inside a token, shorter than a
// person notices.
constexpr int kSpinsBeforeSleep = 4000;

/// The first value that is `wanted`. Sleeps in the kernel after a while: a thread of the team that
/// lost its core to another process gets it back the sooner, the less the others have used theirs.
template <class Value, class Wanted>
Value wait_for(std::atomic<Value>& value, Wanted wanted) {
  for (int i = 0;; ++i) {
    const Value now = value.load(std::memory_order_acquire);
    if (wanted(now)) return now;
    if (i < kSpinsBeforeSleep) {
      pause_cpu();
    } else {
      value.wait(now, std::memory_order_acquire);
    }
  }
}

}  // namespace

int ThreadPool::count_or_all(int n) {
  return n > 0 ? n : std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

ThreadPool::ThreadPool(int n_threads) {
  CHECK(n_threads >= 1);
  for (int i = 1; i < n_threads; ++i) workers_.emplace_back([this, i] { worker(i); });
}

ThreadPool::~ThreadPool() {
  stopping_.store(true, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::worker(int thread) {
  unsigned seen = 0;
  for (;;) {
    seen = wait_for(generation_, [seen](unsigned now) { return now != seen; });
    if (stopping_.load(std::memory_order_relaxed)) return;
    (*work_)(thread);
    if (n_running_.fetch_sub(1, std::memory_order_release) == 1) n_running_.notify_all();
  }
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (workers_.empty()) return work(0);
  work_ = &work;
  n_running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  work(0);
  wait_for(n_running_, [](int now) { return now == 0; });
}

void ThreadPool::barrier() {
  if (workers_.empty()) return;
  const unsigned phase = barrier_phase_.load(std::memory_order_relaxed);
  if (n_arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size()) {
    n_arrived_.store(0, std::memory_order_relaxed);
    barrier_phase_.store(phase + 1, std::memory_order_release);
    barrier_phase_.notify_all();
    return;
  }
  wait_for(barrier_phase_, [phase](unsigned now) { return now != phase; });
}

}  // namespace plmm
