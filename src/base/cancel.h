// A flag that one thread (or a signal handler) sets and long work polls.
#pragma once

#include <atomic>

namespace plmm {

class Cancel {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  void reset() noexcept { requested_.store(false, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};  // lock-free: a signal handler may call request()
};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace plmm
