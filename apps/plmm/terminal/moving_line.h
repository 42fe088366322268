// The line of a terminal that is drawn over while somebody waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apps/plmm/terminal/console.h"
#include "apps/plmm/terminal/progress.h"

namespace plmm::terminal {

/// Goes with its owner, so that what is printed next has a line of its own. Elsewhere than on a
/// terminal nothing is drawn.
class MovingLine {
 public:
  /// `indent`: columns in front, where the line stands below a label.
  explicit MovingLine(Console& console, std::size_t indent = 0)
      : console_(console), indent_(indent) {}
  MovingLine(const MovingLine&) = delete;
  MovingLine& operator=(const MovingLine&) = delete;
  ~MovingLine() { clear(); }

  /// At once.
  void show(std::string_view text);
  /// count_progress_text() and progress_text(), at most ten times a second; the rate begins
  /// anew with another `what`, and where `done` falls.
  void count(std::uint64_t done, std::uint64_t total, std::string_view what);
  void bytes(std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  /// Takes the figure into the rate; whether it is time to draw.
  bool take(std::uint64_t done);

  Console& console_;
  std::size_t indent_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  RateMeter rate_;
  std::string what_;
  std::uint64_t done_ = 0;
  double drawn_s_ = 0;
  bool is_drawn_ = false;
};

}  // namespace plmm::terminal
