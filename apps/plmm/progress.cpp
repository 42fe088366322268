// A sliding window for the rate; the unit of the size is written once.
#include "apps/plmm/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/plmm/format.h"

namespace plmm::cli {
namespace {

constexpr double kWindow_s = 5;  // long enough to be calm, short enough to notice a stall
constexpr std::uint64_t kBarWidth = 20;

/// "349 of 491 MB", or "512 kB of 491 MB" where the units differ.
std::string share_text(std::uint64_t done, std::uint64_t total) {
  auto part = size_text(done);
  const auto whole = size_text(total);
  const auto unit = [](const std::string& text) { return text.substr(text.find(' ')); };
  if (unit(part) == unit(whole)) part.resize(part.find(' '));
  return fmt::format("{} of {}", part, whole);
}

}  // namespace

void RateMeter::add(double now_s, std::uint64_t done) {
  if (!samples_.empty() && done < samples_.back().done) samples_.clear();
  samples_.push_back({now_s, done});
  while (samples_.size() > 2 && now_s - samples_.front().now_s > kWindow_s) samples_.pop_front();
}

double RateMeter::bytes_per_s() const {
  if (samples_.size() < 2) return 0;
  const double seconds = samples_.back().now_s - samples_.front().now_s;
  constexpr double kEnough_s = 0.5;  // a shorter look says little about the rest
  if (seconds < kEnough_s) return 0;
  return static_cast<double>(samples_.back().done - samples_.front().done) / seconds;
}

std::string progress_text(std::uint64_t done, std::uint64_t total, double bytes_per_s) {
  std::string out;
  if (total > 0) {
    done = std::min(done, total);
    const auto filled = static_cast<std::size_t>(done * kBarWidth / total);
    out = fmt::format("[{}{}] {:2} %  {}", std::string(filled, '#'),
                      std::string(kBarWidth - filled, '-'), done * 100 / total,
                      share_text(done, total));
  } else {
    out = size_text(done);
  }
  if (bytes_per_s < 1) return out;
  out += fmt::format("  {}/s", size_text(static_cast<std::uint64_t>(bytes_per_s)));
  if (total > done) {
    out += fmt::format("  {} left",
                       duration_text(std::ceil(static_cast<double>(total - done) / bytes_per_s)));
  }
  return out;
}

}  // namespace plmm::cli
