// Who may use what only one can use at a time: first come, first served, and not too many waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::api {

class Turns {
 public:
  explicit Turns(std::size_t n_waiting_max) : n_waiting_max_(n_waiting_max) {}

  /// A place in the queue, and the turn itself once wait() has returned; left when it goes.
  class Place {
   public:
    Place(Place&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), number_(other.number_) {}
    Place& operator=(Place&&) = delete;
    ~Place();
    /// Returns when it is this one's turn; cancelled within 100 ms of Cancel.
    Result<> wait(const Cancel& cancel);

   private:
    friend Turns;
    Place(Turns& turns, std::uint64_t number) : turns_(&turns), number_(number) {}
    Turns* turns_;
    std::uint64_t number_;
  };

  /// At once; offline when as many wait as may.
  Result<Place> queue();

 private:
  const std::size_t n_waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::uint64_t> queue_;  // the first has its turn
  std::uint64_t next_ = 0;
};

}  // namespace plmm::api
