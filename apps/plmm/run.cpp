// From the command line to a verb, and from its error to the exit code.
#include <fmt/format.h>

#include <array>

#include "apps/plmm/command/help.h"
#include "apps/plmm/context.h"
#include "base/check.h"

namespace plmm::cli {
namespace {

using Handler = Result<ExitCode> (*)(Context&);
struct Entry {
  std::string_view verb;
  Handler handler;
};

constexpr std::array kHandlers{
    Entry{"chat", run_chat},         Entry{"ask", run_ask},
    Entry{"pull", run_pull},         Entry{"ls", run_ls},
    Entry{"show", run_show},         Entry{"rm", run_rm},
    Entry{"doctor", run_doctor},     Entry{"bench", run_bench},
    Entry{"config", run_config},     Entry{"man", run_man},
    Entry{"version", run_version},   Entry{"completion", run_completion},
    Entry{"profile", run_profile},   Entry{"outbox", run_outbox},
    Entry{"why", run_why},           Entry{"wallet", run_wallet},
    Entry{"vault", run_vault},       Entry{"expert", run_expert},
    Entry{"ledger", run_ledger},     Entry{"teacher", run_teacher},
    Entry{"tokenize", run_tokenize}, Entry{"read", run_read},
    Entry{"help", run_help},         Entry{"correct", run_correct},
    Entry{"earn", run_earn},         Entry{"train", run_train},
    Entry{"quantize", run_quantize}, Entry{"memory", run_memory},
    Entry{"eval", run_eval},         Entry{"merge", run_merge},
    Entry{"learn", run_learn},
};

Handler handler_of(std::string_view verb) {
  for (const auto& entry : kHandlers) {
    if (entry.verb == verb) return entry.handler;
  }
  CHECK(!"every verb of the table has a handler");
  return nullptr;
}

/// These work when the config file is broken, so that it can be mended.
bool works_without_settings(const Invocation& invocation) {
  const auto& verb = invocation.verb->name;
  const bool mends_config =
      verb == "config" && invocation.text("ACTION") != "show" && invocation.has("ACTION");
  return mends_config || verb == "help" || verb == "man" || verb == "completion" ||
         verb == "version" || verb == "doctor";
}

terminal::Colour colour_of(const Settings& settings) {
  const auto& when = settings.text("color");
  if (when == "always") return terminal::Colour::always;
  return when == "never" ? terminal::Colour::never : terminal::Colour::automatic;
}

Result<ExitCode> dispatch(std::span<const std::string> words, const Environment& environment,
                          Console& console) {
  const auto invocation = TRY(command::parse_arguments(words));
  if (invocation.help) {
    console.data(invocation.named ? command::verb_help(*invocation.verb)
                                  : command::overview_help());
    return ExitCode::ok;
  }
  const Paths paths = files::find_paths(environment);
  auto settings = Settings::resolve(paths, environment, invocation.flags());
  if (!settings && works_without_settings(invocation)) settings = Settings::defaults(paths);
  Context context{invocation, TRY(std::move(settings)), paths, environment, console};
  console.set_colour(colour_of(context.settings));
  return handler_of(invocation.verb->name)(context);
}

}  // namespace

ExitCode run(std::span<const std::string> words, const Environment& environment) {
  Console console(environment);
  auto result = dispatch(words, environment, console);
  // A reader that went away, as in `plmm ask … | head -1`, has what it wanted.
  if (console.output_closed()) return ExitCode::ok;
  if (result) {
    if (auto state = console.output_state(); !state) result = std::unexpected(state.error());
  }
  if (result) return *result;
  console.error(result.error());
  return terminal::exit_code_of(result.error().code);
}

}  // namespace plmm::cli
