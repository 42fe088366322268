// A queue of numbers; see turns.h.
#include "api/turns.h"

#include <algorithm>
#include <string>

#include "net/http.h"

namespace plmm::api {

Turns::Place::~Place() {
  if (turns_ == nullptr) return;
  {
    const std::lock_guard guard(turns_->mutex_);
    std::erase(turns_->queue_, number_);
  }
  turns_->changed_.notify_all();
}

Result<> Turns::Place::wait(const Cancel& cancel) {
  std::unique_lock lock(turns_->mutex_);
  // Cancel is only a flag: somebody has to look at it from time to time.
  while (turns_->queue_.front() != number_) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
    turns_->changed_.wait_for(lock, net::kPollInterval);
  }
  return {};
}

Result<Turns::Place> Turns::queue() {
  const std::lock_guard guard(mutex_);
  if (queue_.size() > n_waiting_max_) {
    return fail(ErrorCode::offline, "busy: " + std::to_string(n_waiting_max_) +
                                        " others wait already. Try again in a minute");
  }
  queue_.push_back(next_);
  return Place(*this, next_++);
}

}  // namespace plmm::api
