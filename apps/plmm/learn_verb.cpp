// plmm learn: from a person's own turns to an adapter that is used only where it helps.
#include <fmt/format.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/learn_documents.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "learn/adapters.h"
#include "learn/learner.h"

namespace plmm::cli {
namespace {

using learn::Standing;
using learn::Version;
using Json = nlohmann::ordered_json;

constexpr double kMinutes = 5;
constexpr int kNice = 10;
constexpr double kSeconds = 60;  // of a minute

Result<learn::Material> material_of(personal::Vault& vault) {
  const auto memory = TRY(open_memory(vault));
  personal::Outbox outbox(vault);
  auto corrections = TRY(learn::accepted_corrections(outbox));
  const auto turns = memory.turns();
  return learn::collect(turns, std::move(corrections));
}

std::string too_little_text(const learn::Material& material) {
  return fmt::format(
      "too little to learn from: {} of yours in {}; it takes {} in {}, of which the newest test "
      "what was learnt. Talk on: plmm chat",
      terminal::count_text(material.n_turns + material.n_turns_held_back, "turn"),
      terminal::count_text(material.n_conversations(), "conversation"), learn::kTurnsMin,
      learn::kConversationsMin);
}

/// "-20.6 %"
std::string change_text(double ratio) { return fmt::format("{:+.1f} %", (ratio - 1) * 100); }

std::string figures_text(const learn::Figures& figures) {
  return fmt::format(
      "your held-back turns  perplexity {:.1f} -> {:.1f} ({}; 95 %: {} to {})   "
      "general text  {:.2f} -> {:.2f} ({})",
      figures.own_before, figures.own_after, change_text(figures.own_after / figures.own_before),
      change_text(figures.own_ratio_low), change_text(figures.own_ratio_high),
      figures.general_before, figures.general_after,
      change_text(figures.general_after / figures.general_before));
}

std::string_view reason_text(learn::Verdict verdict) {
  switch (verdict) {
    case learn::Verdict::promoted:
      return "";
    case learn::Verdict::not_better:
      return "chance may explain that it predicts your held-back turns better";
    case learn::Verdict::forgets_general:
      return "it predicts other text more than 2 % worse";
  }
  return "";
}

/// Draws the line of the stage that is being worked on.
std::function<void(const learn::LearnProgress&)> drawn_on(terminal::MovingLine& line) {
  return [&line](const learn::LearnProgress& progress) {
    const auto what = progress.stage == learn::Stage::training  ? "steps"
                      : progress.stage == learn::Stage::testing ? "tokens tested"
                                                                : "tokens measured";
    line.count(progress.n_done, progress.n_total, what);
  };
}

Result<learn::Learnt> learn_shown(Context& context, infer::Engine& engine,
                                  const learn::Material& material) {
  learn::LearnOptions options;
  options.seed = context.settings.integer("seed");
  options.seconds_max = kSeconds * context.arguments.real_or("--minutes", kMinutes);
  options.n_steps = context.arguments.integer_or("--steps", 0);
  terminal::MovingLine line(context.console);
  auto learnt = learn::learn(engine, material, options, drawn_on(line), terminal::interrupt());
  if (learnt || learnt.error().code != ErrorCode::cancelled) return learnt;
  return fail(ErrorCode::cancelled, "stopped; everything is as it was. Run: plmm learn now");
}

Version version_of(const learn::Learnt& learnt, const learn::Material& material,
                   const std::string& model) {
  Version out;
  out.time_ms = now_ms();
  out.model = model;
  out.base_fingerprint = learnt.adapter.base_fingerprint;
  out.n_turns = static_cast<std::int64_t>(material.n_turns);
  out.n_corrections = static_cast<std::int64_t>(material.corrections.size());
  out.n_turns_held_back = static_cast<std::int64_t>(material.n_turns_held_back);
  out.n_steps = learnt.n_steps;
  out.seconds = learnt.seconds;
  out.figures = learnt.figures;
  out.sources = material.sources;
  return out;
}

Result<ExitCode> learn_now(Context& context) {
  auto& console = context.console;
  if (!has_vault(context)) {
    console.note(too_little_text({}));
    return ExitCode::ok;
  }
  auto vault = TRY(open_vault(context));
  TRY(vault.check_writable());
  const auto material = TRY(material_of(vault));
  if (!material.suffices()) {
    console.note(too_little_text(material));
    return ExitCode::ok;
  }
  // Before the model starts its threads, which inherit it.
  ::setpriority(PRIO_PROCESS, 0, context.arguments.integer_or("--nice", kNice));
  auto model = TRY(load_model(context, context.settings.text("model")));
  console.note(
      fmt::format("learning from {} of yours and {}; the newest {} are held back to test "
                  "it. Ctrl-C leaves everything as it is",
                  terminal::count_text(material.n_turns, "turn"),
                  terminal::count_text(material.corrections.size(), "correction"),
                  terminal::count_text(material.n_turns_held_back, "turn")));
  const auto learnt = TRY(learn_shown(context, *model.engine, material));
  console.answer(fmt::format("tested    {}\n", figures_text(learnt.figures)));
  if (learnt.verdict != learn::Verdict::promoted) {
    console.answer(
        fmt::format("not used  {}; everything stays as it was\n", reason_text(learnt.verdict)));
    return ExitCode::ok;
  }
  learn::Adapters adapters(vault);
  const auto number = TRY(adapters.keep(version_of(learnt, material, model.name), learnt.adapter));
  console.answer(fmt::format(
      "in use    version {}, {} steps in {}, sealed in your vault; plmm learn undo  goes back\n",
      number, learnt.n_steps, terminal::duration_text(learnt.seconds)));
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
  if (action == "undo") return undo(context);
  return status(context);
}

}  // namespace plmm::cli
