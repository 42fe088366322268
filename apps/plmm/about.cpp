// plmm help, man, completion and version: what plmm says about itself.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/plmm/command/completion.h"
#include "apps/plmm/command/help.h"
#include "apps/plmm/command/man.h"
#include "apps/plmm/context.h"
#include "apps/plmm/terminal/suggest.h"
#include "catalog/catalog.h"

namespace plmm::cli {
namespace {

Result<const command::Verb*> named_verb(const std::string& name) {
  if (const command::Verb* verb = command::find_verb(name)) return verb;
  std::vector<std::string_view> known;
  for (const auto& verb : command::verbs()) known.push_back(verb.name);
  const auto near = terminal::nearest(name, known);
  const auto hint = near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near);
  return fail(ErrorCode::invalid_argument,
              fmt::format("'{}' is not a verb of plmm.{} Run: plmm --help", name, hint));
}

}  // namespace

Result<ExitCode> run_help(Context& context) {
  const auto name = context.arguments.text("VERB");
  context.console.data(name.empty() ? command::overview_help()
                                    : command::verb_help(*TRY(named_verb(name))));
  return ExitCode::ok;
}

Result<ExitCode> run_man(Context& context) {
  const auto name = context.arguments.text("VERB");
  context.console.data(name.empty() ? command::overview_man()
                                    : command::verb_man(*TRY(named_verb(name))));
  return ExitCode::ok;
}

Result<ExitCode> run_completion(Context& context) {
  std::vector<std::string> models;
  for (const auto& entry : catalog::entries()) models.push_back(entry.name);
  context.console.data(command::completion_script(context.arguments.text("SHELL"), models));
  return ExitCode::ok;
}

Result<ExitCode> run_version(Context& context) {
  const std::string json_library =
      fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                  NLOHMANN_JSON_VERSION_PATCH);
  const std::string fmt_library =
      fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  if (context.arguments.has("--json")) {
    const nlohmann::ordered_json out{{"plmm", PLMM_VERSION},
                                     {"compiler", "g++ " __VERSION__},
                                     {"CLI11", command::parser_version()},
                                     {"fmt", fmt_library},
                                     {"nlohmann-json", json_library}};
    context.console.data(out.dump(2) + "\n");
    return ExitCode::ok;
  }
  context.console.data("plmm " PLMM_VERSION "\n");
  context.console.data(fmt::format("  CLI11 {}, fmt {}, nlohmann-json {}, g++ {}\n",
                                   command::parser_version(), fmt_library, json_library,
                                   __VERSION__));
  return ExitCode::ok;
}

}  // namespace plmm::cli
