// Work that can wait leaves the machine to whoever needs it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "apps/plmm/context.h"
#include "base/machine_use.h"

namespace plmm::cli {

/// Over which it is measured what other programs use.
inline constexpr std::chrono::milliseconds kLook{5'000};

/// Until then or Ctrl-C.
void wait_for(std::chrono::milliseconds time);

/// One thread at a time.
class Yielding {
 public:
  /// As --busy and --on-battery say.
  explicit Yielding(Context& context);

  /// What the machine is needed for instead, by what is measured from now on until then; nothing
  /// after Ctrl-C. "other programs use 63 % of the machine"
  std::optional<std::string> objection_after(std::chrono::milliseconds time);

  /// Between two pieces of work: at once where nobody needs the machine, or where it was looked at
  /// less than kLook ago; else that is said, and it comes back when nobody does any more or at
  /// Ctrl-C.
  void pause_while_needed();

 private:
  std::optional<std::string> objection();

  Console& console_;
  double others_max_;
  bool may_use_battery_;
  MachineMonitor monitor_;
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace plmm::cli
