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
    std::erase_if(turns_->queue_, [&](const Waiting& one) { return one.number == number_; });
  }
  turns_->changed_.notify_all();
}

Result<> Turns::Place::wait(const Cancel& cancel) {
  std::unique_lock lock(turns_->mutex_);
  // Cancel is only a flag: somebody has to look at it from time to time.
  while (!turns_->has_turn(number_)) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
    turns_->changed_.wait_for(lock, net::kPollInterval);
  }
  return {};
}

bool Turns::has_turn(std::uint64_t number) const {
  for (std::size_t i = 0; i < n_at_once_ && i < queue_.size(); ++i) {
    const bool alone = queue_[i].use == Use::alone;
    if (queue_[i].number == number) return i == 0 || !alone;
    if (alone) return false;
  }
  return false;
}

Result<Turns::Place> Turns::queue(Use use) {
  const std::lock_guard guard(mutex_);
  if (queue_.size() >= n_at_once_ + n_waiting_max_) {
    return fail(ErrorCode::offline, "busy: " + std::to_string(n_waiting_max_) +
                                        " others wait already. Try again in a minute");
  }
  queue_.push_back({next_, use});
  return Place(*this, next_++);
}

}  // namespace plmm::api
