// A sliding window for the rate; the unit of the size is written once.
#include "apps/plmm/terminal/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/plmm/terminal/format.h"

namespace plmm::terminal {
namespace {

constexpr double kWindow_s = 5;  // long enough to be calm, short enough to notice a stall
constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kCountBarWidth = 14;  // counts and what they count take more room

/// "349 of 491 MB", or "512 kB of 491 MB" where the units differ.
std::string share_text(std::uint64_t done, std::uint64_t total) {
  auto part = size_text(done);
  const auto whole = size_text(total);
  const auto unit = [](const std::string& text) { return text.substr(text.find(' ')); };
  if (unit(part) == unit(whole)) part.resize(part.find(' '));
  return fmt::format("{} of {}", part, whole);
}

/// "[##############------] 71 %"
std::string bar_text(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const auto filled = static_cast<std::size_t>(done * width / total);
  return fmt::format("[{}{}] {:2} %", std::string(filled, '#'), std::string(width - filled, '-'),
                     done * 100 / total);
}

}  // namespace

void RateMeter::add(double now_s, std::uint64_t done) {
  if (!samples_.empty() && done < samples_.back().done) samples_.clear();
  samples_.push_back({now_s, done});
  while (samples_.size() > 2 && now_s - samples_.front().now_s > kWindow_s) samples_.pop_front();
}

double RateMeter::per_s() const {
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
    out = fmt::format("{}  {}", bar_text(done, total, kBarWidth), share_text(done, total));
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

std::string count_progress_text(std::uint64_t done, std::uint64_t total, std::string_view what,
                                double per_s) {
  if (total == 0) return fmt::format("{} {}", thousands(done), what);
  done = std::min(done, total);
  auto out = fmt::format("{}  {} of {} {}", bar_text(done, total, kCountBarWidth), thousands(done),
                         thousands(total), what);
  if (per_s <= 0 || total == done) return out;
  const double seconds = std::ceil(static_cast<double>(total - done) / per_s);
  constexpr double kInMinutes_s = 100;  // from here on nobody counts seconds
  return out + (seconds < kInMinutes_s ? fmt::format("  {} left", duration_text(seconds))
                                       : fmt::format("  {:.0f} min left", std::ceil(seconds / 60)));
}

}  // namespace plmm::terminal
