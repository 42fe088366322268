// Looking at the machine, and waiting; see yielding.h.
#include "apps/plmm/yielding.h"

#include <fmt/format.h>
#include <poll.h>

#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"

namespace plmm::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPause{10'000};  // at least
constexpr int kBusyPercent = 25;
constexpr double kPercent = 100;
constexpr double kCelsiusMax = 90;

}  // namespace

void wait_for(milliseconds time) {
  const auto end = Clock::now() + time;
  while (!terminal::interrupt().requested()) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left <= milliseconds::zero()) return;
    pollfd ready{terminal::signal_fd(), POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(left.count()));
    terminal::drain_signals();
  }
}

Yielding::Yielding(Context& context)
    : console_(context.console),
      others_max_(context.arguments.integer_or("--busy", kBusyPercent) / kPercent),
      may_use_battery_(context.arguments.has("--on-battery")) {}

std::optional<std::string> Yielding::objection_after(milliseconds time) {
  monitor_.sample();
  wait_for(time);
  if (terminal::interrupt().requested()) return std::nullopt;
  return objection();
}

std::optional<std::string> Yielding::objection() {
  looked_ = Clock::now();
  const MachineUse use = monitor_.sample();
  if (use.others > others_max_)
    return fmt::format("other programs use {:.0f} % of the machine", use.others * kPercent);
  if (use.on_battery && !may_use_battery_) return "the machine runs on its battery";
  if (use.celsius.value_or(0) > kCelsiusMax)
    return fmt::format("the machine is hot, {:.0f} °C", *use.celsius);
  return std::nullopt;
}

void Yielding::pause_while_needed() {
  if (Clock::now() - looked_ < kLook) return;
  auto why = objection();
  if (!why) return;
  terminal::MovingLine line(console_);
  if (!console_.can_redraw()) console_.note("paused: " + *why);
  while (why) {
    line.show("paused: " + *why);
    why = objection_after(kPause);
  }
  if (!console_.can_redraw()) console_.note("going on");
}

}  // namespace plmm::cli
