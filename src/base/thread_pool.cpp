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

// About 100 µs of pauses on a 3 GHz core: longer than any gap inside a token, shorter than a person
// notices.
constexpr int kSpinsBeforeSleep = 4000;
// A thread of the team may have lost its core to another process: after this many pauses give ours
// away too.
constexpr int kSpinsBeforeYield = 20000;

/// Waits until `value` differs from `seen`; sleeps in the kernel after a while.
unsigned wait_for_change(std::atomic<unsigned>& value, unsigned seen) {
  for (int i = 0; i < kSpinsBeforeSleep; ++i) {
    if (const unsigned now = value.load(std::memory_order_acquire); now != seen) return now;
    pause_cpu();
  }
  value.wait(seen, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

template <class Done>
void spin_until(Done done) {
  for (int i = 0; !done(); ++i) {
    if (i < kSpinsBeforeYield) {
      pause_cpu();
    } else {
      std::this_thread::yield();
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
    seen = wait_for_change(generation_, seen);
    if (stopping_.load(std::memory_order_relaxed)) return;
    (*work_)(thread);
    n_running_.fetch_sub(1, std::memory_order_release);
  }
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (workers_.empty()) return work(0);
  work_ = &work;
  n_running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  work(0);
  spin_until([this] { return n_running_.load(std::memory_order_acquire) == 0; });
}

void ThreadPool::barrier() {
  if (workers_.empty()) return;
  const unsigned phase = barrier_phase_.load(std::memory_order_relaxed);
  if (n_arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size()) {
    n_arrived_.store(0, std::memory_order_relaxed);
    barrier_phase_.store(phase + 1, std::memory_order_release);
    return;
  }
  spin_until([&] { return barrier_phase_.load(std::memory_order_acquire) != phase; });
}

}  // namespace plmm
