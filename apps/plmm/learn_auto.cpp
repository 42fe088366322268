// Waiting for a good moment, and getting out of the way; see learn_auto.h.
#include "apps/plmm/learn_auto.h"

#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "apps/plmm/learn_run.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "base/machine_use.h"
#include "learn/adapters.h"
#include "learn/moment.h"

namespace plmm::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{5'000};    // over which it is measured what others use
constexpr milliseconds kWait{60'000};   // between two looks at what is new
constexpr milliseconds kPause{10'000};  // of learning, at least
constexpr int kBusyPercent = 25;
constexpr double kPercent = 100;
constexpr double kCelsiusMax = 90;

/// Until then or Ctrl-C.
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

class AutoLearner {
 public:
  explicit AutoLearner(Context& context)
      : context_(context),
        others_max_(context.arguments.integer_or("--busy", kBusyPercent) / kPercent),
        may_use_battery_(context.arguments.has("--on-battery")),
        is_once_(context.arguments.has("--once")) {}

  Result<ExitCode> run() {
    terminal::end_like_interrupt();
    let_others_go_first(context_);
    terminal::MovingLine line(context_.console);
    for (;;) {
      const auto obstacle = TRY(learn_or_say(line));
      if (is_once_) {
        line.clear();
        if (obstacle) context_.console.note("not now: " + *obstacle);
        return ExitCode::ok;
      }
      if (obstacle) say(line, "waiting: " + *obstacle);
      wait_for(kWait);
      if (!terminal::interrupt().requested()) continue;
      line.clear();
      context_.console.note("stopped");
      return ExitCode::ok;
    }
  }

 private:
  /// What stands in the way; nothing where it has learnt.
  Result<std::optional<std::string>> learn_or_say(terminal::MovingLine& line) {
    if (!has_vault(context_)) return too_little_text({});
    // Not open while it waits: whoever locks it means it.
    if (TRY(personal::Vault::lock_of(vault_place(context_))) == personal::Lock::locked)
      return "your vault is locked. Run: plmm vault unlock";
    auto vault = TRY(open_vault(context_));
    TRY(vault.check_writable());
    const auto material = TRY(material_of(vault));
    if (!material.suffices()) return too_little_text(material);
    const auto versions = TRY(learn::Adapters(vault).versions());
    const auto n_missing =
        learn::n_new_missing(versions, context_.settings.text("model"), material);
    if (n_missing > 0) {
      return fmt::format("{} more make it worth learning again",
                         terminal::count_text(n_missing, "turn"));
    }
    if (auto objection = objection_after(kLook)) return objection;
    line.clear();
    TRY(learn_and_keep(context_, vault, material,
                       [&](terminal::MovingLine& at) { pause_while_needed(at); }));
    return std::nullopt;
  }

  /// What the machine is needed for instead, by what is measured from now on; nothing after Ctrl-C.
  std::optional<std::string> objection_after(milliseconds time) {
    monitor_.sample();
    wait_for(time);
    return objection();
  }

  std::optional<std::string> objection() {
    looked_ = Clock::now();
    const MachineUse use = monitor_.sample();
    if (use.others > others_max_)
      return fmt::format("other programs use {:.0f} % of the machine", use.others * kPercent);
    if (use.on_battery && !may_use_battery_) return "the machine runs on its battery";
    if (use.celsius.value_or(0) > kCelsiusMax)
      return fmt::format("the machine is hot, {:.0f} °C", *use.celsius);
    return std::nullopt;
  }

  void pause_while_needed(terminal::MovingLine& line) {
    if (Clock::now() - looked_ < kLook) return;
    auto why = objection();
    if (!why) return;
    while (why && !terminal::interrupt().requested()) {
      say(line, "paused: " + *why);
      why = objection_after(kPause);
    }
    if (!why) say(line, "going on");
  }

  /// On a terminal over what stood there; elsewhere once.
  void say(terminal::MovingLine& line, const std::string& text) {
    if (context_.console.can_redraw()) return line.show(text);
    if (std::exchange(said_, text) != text) context_.console.note(text);
  }

  Context& context_;
  double others_max_;
  bool may_use_battery_;
  bool is_once_;
  MachineMonitor monitor_;
  Clock::time_point looked_ = Clock::now();
  std::string said_;
};

}  // namespace

Result<ExitCode> learn_auto(Context& context) { return AutoLearner(context).run(); }

}  // namespace plmm::cli
