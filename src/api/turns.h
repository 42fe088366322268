// Who may use what only some can use at a time: first come, first served, and not too many waiting.
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
  /// together: with others of this kind, at most n_at_once; alone: with nobody.
  enum class Use : std::uint8_t { together, alone };

  Turns(std::size_t n_at_once, std::size_t n_waiting_max)
      : n_at_once_(n_at_once), n_waiting_max_(n_waiting_max) {}

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
  Result<Place> queue(Use use);

 private:
  struct Waiting {
    std::uint64_t number;
    Use use;
  };
  bool has_turn(std::uint64_t number) const;

  const std::size_t n_at_once_;
  const std::size_t n_waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;  // those at work are the first
  std::uint64_t next_ = 0;
};

}  // namespace plmm::api
