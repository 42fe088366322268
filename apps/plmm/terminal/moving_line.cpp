// Drawing over, and how often; see moving_line.h.
#include "apps/plmm/terminal/moving_line.h"

namespace plmm::terminal {
namespace {

constexpr double kRedrawSeconds = 0.1;

}  // namespace

void MovingLine::show(std::string_view text) {
  if (!console_.can_redraw()) return;
  is_drawn_ = true;
  console_.draw("\r" + std::string(indent_, ' ') + std::string(text) + "\x1b[K");
}

bool MovingLine::take(std::uint64_t done) {
  if (!console_.can_redraw()) return false;
  const std::chrono::duration<double> now = std::chrono::steady_clock::now() - start_;
  rate_.add(now.count(), done);
  if (is_drawn_ && now.count() - drawn_s_ < kRedrawSeconds) return false;
  drawn_s_ = now.count();
  return true;
}

void MovingLine::count(std::uint64_t done, std::uint64_t total, std::string_view what) {
  if (what_ != what || done < done_) {
    what_ = what;
    rate_ = RateMeter();
  }
  done_ = done;
  if (take(done)) show(count_progress_text(done, total, what, rate_.per_s()));
}

void MovingLine::bytes(std::uint64_t done, std::uint64_t total) {
  if (take(done)) show(progress_text(done, total, rate_.per_s()));
}

void MovingLine::clear() {
  if (is_drawn_) console_.draw("\r\x1b[K");
  is_drawn_ = false;
}

}  // namespace plmm::terminal
