// Progress lines: bar, share, how much of what, rate and time left.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace plmm::terminal {

/// Bytes, passages … per second over the last few seconds. The caller brings the clock.
class RateMeter {
 public:
  void add(double now_s, std::uint64_t done);
  /// 0 while there is too little to say.
  double per_s() const;

 private:
  struct Sample {
    double now_s;
    std::uint64_t done;
  };
  std::deque<Sample> samples_;
};

/// "[##############------] 71 %  349 of 491 MB  38 MB/s  4 s left", at most 69 columns; rate 0:
/// unknown.
std::string progress_text(std::uint64_t done, std::uint64_t total, double bytes_per_s);

/// "[#########-----] 71 %  10,300 of 14,507 passages  31 s left"; the same width and zeros.
std::string count_progress_text(std::uint64_t done, std::uint64_t total, std::string_view what,
                                double per_s);

}  // namespace plmm::terminal
