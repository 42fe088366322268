// plmm learn: from a person's own turns to an adapter that is used only where it helps.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/learn_auto.h"
#include "apps/plmm/learn_documents.h"
#include "apps/plmm/learn_run.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/format.h"
#include "learn/adapters.h"

namespace plmm::cli {
namespace {

using learn::Standing;
using learn::Version;
using Json = nlohmann::ordered_json;

Result<ExitCode> learn_now(Context& context) {
  if (!has_vault(context)) {
    context.console.note(too_little_text({}));
    return ExitCode::ok;
  }
  auto vault = TRY(open_vault(context));
  TRY(vault.check_writable());
  const auto material = TRY(material_of(vault));
  if (!material.suffices()) {
    context.console.note(too_little_text(material));
    return ExitCode::ok;
  }
  let_others_go_first(context);
  TRY(learn_and_keep(context, vault, material, {}));
  return ExitCode::ok;
}

std::string_view standing_text(const Version& version, std::span<const Version> all) {
  switch (version.standing) {
    case Standing::kept:
      return &version == learn::in_use(all, version.base_fingerprint) ? "in use" : "former";
    case Standing::undone:
      return "undone";
    case Standing::forgotten:
      return "forgotten";
    case Standing::replaced:
      return "replaced";
    case Standing::refused:
      return "not used";
  }
  return "";
}

Json to_json(const Version& version, std::span<const Version> all) {
  const auto& figures = version.figures;
  return {{"version", version.number},
          {"standing", standing_text(version, all)},
          {"time_ms", version.time_ms},
          {"model", version.model},
          {"base_fingerprint", version.base_fingerprint},
          {"n_turns", version.n_turns},
          {"n_corrections", version.n_corrections},
          {"n_turns_held_back", version.n_turns_held_back},
          {"n_steps", version.n_steps},
          {"seconds", version.seconds},
          {"bytes", version.n_bytes},
          {"own_before", figures.own_before},
          {"own_after", figures.own_after},
          {"own_ratio_95", {figures.own_ratio_low, figures.own_ratio_high}},
          {"general_before", figures.general_before},
          {"general_after", figures.general_after}};
}

void print_json(Console& console, std::span<const Version> versions,
                const learn::Material& material) {
  Json list = Json::array();
  for (const auto& version : versions) list.push_back(to_json(version, versions));
  const Json out{{"versions", std::move(list)},
                 {"material",
                  {{"n_turns", material.n_turns + material.n_turns_held_back},
                   {"n_conversations", material.n_conversations()},
                   {"n_corrections", material.corrections.size()},
                   {"suffices", material.suffices()}}}};
  console.data(out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<ExitCode> status(Context& context) {
  std::vector<Version> versions;
  learn::Material material;
  if (has_vault(context)) {
    auto vault = TRY(open_vault(context));
    versions = TRY(learn::Adapters(vault).versions());
    material = TRY(material_of(vault));
  }
  if (context.arguments.has("--json")) {
    print_json(context.console, versions, material);
    return ExitCode::ok;
  }
  for (const auto& version : versions) {
    context.console.answer(fmt::format(
        "version {}  {}, learnt {} on {} from {} and {} ({:.1f} MB)\n  {}\n", version.number,
        standing_text(version, versions), date_text(version.time_ms), version.model,
        terminal::count_text(static_cast<std::size_t>(version.n_turns), "turn"),
        terminal::count_text(static_cast<std::size_t>(version.n_corrections), "correction"),
        static_cast<double>(version.n_bytes) / 1e6, figures_text(version.figures)));
  }
  if (versions.empty()) context.console.note("nothing was learnt from you yet");
  context.console.note(
      material.suffices()
          ? fmt::format("to learn from now: {} in {}. Run: plmm learn now",
                        terminal::count_text(material.n_turns + material.n_turns_held_back, "turn"),
                        terminal::count_text(material.n_conversations(), "conversation"))
          : too_little_text(material));
  return ExitCode::ok;
}

Result<ExitCode> undo(Context& context) {
  learn::Adapters::Gone gone;
  std::vector<Version> left;
  if (has_vault(context)) {
    auto vault = TRY(open_vault(context));
    learn::Adapters adapters(vault);
    gone = TRY(adapters.undo());
    left = TRY(adapters.versions());
  }
  if (gone.versions.empty()) {
    context.console.note("nothing learnt is in use: there is nothing to undo");
    return ExitCode::ok;
  }
  TRY(forget_own_prefixes(context.paths));
  const auto& undone = gone.versions.front();
  const auto* const now = learn::in_use(left, undone.base_fingerprint);
  context.console.note(
      fmt::format("undone: version {} is gone for good{}; {}", undone.number,
                  gone.traces == personal::Traces::gone
                      ? ", from the files of this device too"
                      : "; its last bytes go when the other running plmm is closed",
                  now != nullptr ? fmt::format("version {} is in use again", now->number)
                                 : fmt::format("{} answers alone", undone.model)));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_learn(Context& context) {
  const auto action = context.arguments.text("ACTION");
  if (action == "add") return learn_add(context);
  if (action == "rm") return learn_rm(context);
  if (context.arguments.has("WHAT"))
    return fail(ErrorCode::invalid_argument, "too many words. Run: plmm learn --help");
  if (action == "documents") return learn_documents(context);
  if (action == "now") return learn_now(context);
  if (action == "auto") return learn_auto(context);
  if (action == "undo") return undo(context);
  return status(context);
}

}  // namespace plmm::cli
