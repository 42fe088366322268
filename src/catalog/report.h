// Progress towards the caller of a pull, and the question whether to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "catalog/catalog.h"

namespace plmm::catalog {

/// How often a loop that waits looks at Cancel; a person who presses Ctrl-C sees it stop at once.
inline constexpr std::chrono::milliseconds kPollInterval{40};

class Reporter {
 public:
  explicit Reporter(const PullOptions& options) : options_(options) {}

  /// Call it after every chunk and every wait; it passes on at most 20 calls a second besides each
  /// first and last one of a stage. Returns cancelled when the user stopped.
  Result<> tell(std::string_view stage, std::uint64_t done, std::uint64_t total);

  /// Sleeps for kPollInterval, then tells.
  Result<> wait(std::string_view stage, std::uint64_t done, std::uint64_t total);

 private:
  using Clock = std::chrono::steady_clock;

  const PullOptions& options_;
  std::string_view stage_;
  std::uint64_t done_ = 0;
  Clock::time_point grew_at_;
  Clock::time_point told_at_;
};

}  // namespace plmm::catalog
