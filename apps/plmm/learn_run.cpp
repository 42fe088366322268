// The model, the line that moves, and the verdict; see learn_run.h.
#include "apps/plmm/learn_run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "apps/plmm/own_data.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "learn/adapters.h"
#include "learn/learner.h"

namespace plmm::cli {
namespace {

using learn::Version;

constexpr double kMinutes = 5;
constexpr int kNice = 10;
constexpr double kSeconds = 60;  // of a minute

/// "-20.6 %"
std::string change_text(double ratio) { return fmt::format("{:+.1f} %", (ratio - 1) * 100); }

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
std::function<void(const learn::LearnProgress&)> drawn_on(terminal::MovingLine& line,
                                                          const Pause& pause) {
  return [&](const learn::LearnProgress& progress) {
    if (pause) pause();
    const auto what = progress.stage == learn::Stage::training  ? "steps"
                      : progress.stage == learn::Stage::testing ? "tokens tested"
                                                                : "tokens measured";
    line.count(progress.n_done, progress.n_total, what);
  };
}

Result<learn::Learnt> learn_shown(Context& context, infer::Engine& engine,
                                  const learn::Material& material, const Pause& pause) {
  learn::LearnOptions options;
  options.seed = context.settings.integer("seed");
  options.seconds_max = kSeconds * context.arguments.real_or("--minutes", kMinutes);
  options.n_steps = context.arguments.integer_or("--steps", 0);
  terminal::MovingLine line(context.console);
  auto learnt =
      learn::learn(engine, material, options, drawn_on(line, pause), terminal::interrupt());
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

}  // namespace

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

std::string figures_text(const learn::Figures& figures) {
  return fmt::format(
      "your held-back turns  perplexity {:.1f} -> {:.1f} ({}; 95 %: {} to {})   "
      "general text  {:.2f} -> {:.2f} ({})",
      figures.own_before, figures.own_after, change_text(figures.own_after / figures.own_before),
      change_text(figures.own_ratio_low), change_text(figures.own_ratio_high),
      figures.general_before, figures.general_after,
      change_text(figures.general_after / figures.general_before));
}

void let_others_go_first(const Context& context) {
  ::setpriority(PRIO_PROCESS, 0, context.arguments.integer_or("--nice", kNice));
}

Result<> learn_and_keep(Context& context, personal::Vault& vault, const learn::Material& material,
                        const Pause& pause) {
  auto& console = context.console;
  auto model = TRY(load_model(context, context.settings.text("model")));
  console.note(
      fmt::format("learning from {} of yours and {}; the newest {} are held back to test "
                  "it. Ctrl-C leaves everything as it is",
                  terminal::count_text(material.n_turns, "turn"),
                  terminal::count_text(material.corrections.size(), "correction"),
                  terminal::count_text(material.n_turns_held_back, "turn")));
  const auto learnt = TRY(learn_shown(context, *model.engine, material, pause));
  console.answer(fmt::format("tested    {}\n", figures_text(learnt.figures)));
  learn::Adapters adapters(vault);
  auto version = version_of(learnt, material, model.name);
  if (learnt.verdict != learn::Verdict::promoted) {
    TRY(adapters.refuse(std::move(version)));
    console.answer(
        fmt::format("not used  {}; everything stays as it was\n", reason_text(learnt.verdict)));
    return {};
  }
  const auto number = TRY(adapters.keep(std::move(version), learnt.adapter));
  console.answer(fmt::format(
      "in use    version {}, {} steps in {}, sealed in your vault; plmm learn undo  goes back\n",
      number, learnt.n_steps, terminal::duration_text(learnt.seconds)));
  return {};
}

}  // namespace plmm::cli
