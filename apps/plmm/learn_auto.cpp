// Waiting for a good moment to learn; see learn_auto.h.
#include "apps/plmm/learn_auto.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "apps/plmm/learn_run.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/yielding.h"
#include "learn/adapters.h"
#include "learn/moment.h"

namespace plmm::cli {
namespace {

constexpr std::chrono::milliseconds kWait{60'000};  // between two looks at what is new

/// Nothing where it has learnt; else what stands in the way.
Result<std::optional<std::string>> learn_unless(Context& context, Yielding& yielding) {
  if (!has_vault(context)) return too_little_text({});
  // Not open while it waits: whoever locks it means it.
  if (TRY(personal::Vault::lock_of(vault_place(context))) == personal::Lock::locked)
    return "your vault is locked. Run: plmm vault unlock";
  auto vault = TRY(open_vault(context));
  TRY(vault.check_writable());
  const auto material = TRY(material_of(vault));
  if (!material.suffices()) return too_little_text(material);
  const auto versions = TRY(learn::Adapters(vault).versions());
  const auto n_missing = learn::n_new_missing(versions, context.settings.text("model"), material);
  if (n_missing > 0) {
    return fmt::format("{} more make it worth learning again",
                       terminal::count_text(n_missing, "turn"));
  }
  if (auto objection = yielding.objection_after(kLook)) return objection;
  TRY(learn_and_keep(context, vault, material, [&] { yielding.pause_while_needed(); }));
  return std::nullopt;
}

/// Again and again until Ctrl-C. Why it waits is said on a terminal over what stood there,
/// elsewhere when it changes.
Result<> keep_learning(Context& context, Yielding& yielding) {
  std::string said;
  while (!terminal::interrupt().requested()) {
    const auto obstacle = TRY(learn_unless(context, yielding));
    const std::string text = obstacle ? "waiting: " + *obstacle : "";
    terminal::MovingLine line(context.console);
    line.show(text);
    if (std::exchange(said, text) != text && obstacle && !context.console.can_redraw())
      context.console.note(text);
    wait_for(kWait);
  }
  return {};
}

}  // namespace

Result<ExitCode> learn_auto(Context& context) {
  terminal::end_like_interrupt();
  let_others_go_first(context);
  Yielding yielding(context);
  if (!context.arguments.has("--once")) {
    TRY(keep_learning(context, yielding));
    context.console.note("stopped");
    return ExitCode::ok;
  }
  if (const auto obstacle = TRY(learn_unless(context, yielding)))
    context.console.note("not now: " + *obstacle);
  return ExitCode::ok;
}

}  // namespace plmm::cli
