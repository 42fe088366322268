// One person after the other learnt in memory; see style_bench.h.
#include "apps/plmm/suites/style_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "apps/plmm/pull_display.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/suites/figures.h"
#include "apps/plmm/suites/style_data.h"
#include "apps/plmm/terminal/signals.h"
#include "base/check.h"
#include "base/file.h"
#include "bench/workload.h"
#include "catalog/catalog.h"
#include "learn/learner.h"

namespace plmm::suites {
namespace {

constexpr double kFallMin = 15;        // percent
constexpr double kGeneralRiseMax = 2;  // percent
constexpr double kMinutesMax = 5;
constexpr double kSeconds = 60;

struct Outcome {
  double fall = 0;  // percent
  double rise = 0;
  double minutes = 0;
  bool is_promoted = false;
};

double percent(double after, double before) { return (after / before - 1) * 100; }

Result<std::vector<StyleUser>> users_of(const cli::Context& context,
                                        const bench::Options& options) {
  const auto file = options.data.empty() ? TRY(chitchat_file(context)) : options.data.front();
  const auto json = TRY(read_file(file, kChitchatBytesMax));
  auto out = parse_chitchat(json, static_cast<std::size_t>(options.n_users));
  if (!out) return fail(out.error().code, file.string() + ": " + out.error().what);
  return out;
}

Result<Outcome> learn_user(infer::Engine& engine, const StyleUser& user, std::size_t number,
                           const bench::Report& report) {
  const auto material = learn::collect(user.turns, {});
  learn::LearnOptions how;
  how.seconds_max = kMinutesMax * kSeconds;
  const auto learnt = TRY(learn::learn(engine, material, how, {}, terminal::interrupt()));
  const auto& figures = learnt.figures;
  const Outcome out{-percent(figures.own_after, figures.own_before),
                    percent(figures.general_after, figures.general_before),
                    learnt.seconds / kSeconds, learnt.verdict == learn::Verdict::promoted};
  report.note(fmt::format(
      "user {}: {} conversations, {} turns learnt, {} held back; perplexity {:.1f} -> {:.1f} "
      "({:+.1f} to {:+.1f} %), general {:.2f} -> {:.2f}; {} steps, strength {:.2f}, {:.1f} min; {}",
      number, material.n_conversations(), material.n_turns, material.n_turns_held_back,
      figures.own_before, figures.own_after, percent(figures.own_ratio_low, 1),
      percent(figures.own_ratio_high, 1), figures.general_before, figures.general_after,
      learnt.n_steps, learnt.strength, out.minutes, out.is_promoted ? "promoted" : "not used"));
  return out;
}

}  // namespace

Result<std::filesystem::path> chitchat_file(const cli::Context& context) {
  const auto* const entry = catalog::find_documents("chitchat");
  CHECK(entry != nullptr);
  if (!catalog::is_here(*entry, cli::documents_folder(context)))
    return fail(ErrorCode::not_found, "the conversations are not here. Run: plmm pull chitchat");
  return cli::documents_folder(context) / entry->file;
}

Result<> bench_style(cli::Context& context, const bench::Options& options, bench::Report& report) {
  using enum bench::GoalKind;
  const auto users = TRY(users_of(context, options));
  const std::string model =
      options.models.empty() ? context.settings.text("model") : options.models.front();
  const auto path = TRY(cli::find_model(context.settings, model));
  const auto engine = TRY(bench::load_engine(options, {model, path}, infer::Precision::fast));
  std::vector<double> falls, rises, minutes;
  std::size_t n_promoted = 0;
  for (std::size_t i = 0; i < users.size(); ++i) {
    const auto outcome = TRY(learn_user(*engine, users[i], i + 1, report));
    falls.push_back(outcome.fall);
    rises.push_back(outcome.rise);
    minutes.push_back(outcome.minutes);
    n_promoted += outcome.is_promoted ? 1 : 0;
  }
  const auto of = fmt::format("{} users, {} threads", users.size(), options.n_threads);
  report.add(row("style_fall/" + model, bench::median(falls), "%", value_at_least, kFallMin,
                 fmt::format("perplexity of the median user's newest conversations; {}, {} "
                             "promoted",
                             of, n_promoted)));
  report.add(row("style_general_rise/" + model, std::ranges::max(rises), "%", value_at_most,
                 kGeneralRiseMax, "perplexity of text about nothing personal, the worst user"));
  report.add(row("style_minutes/" + model, std::ranges::max(minutes), "min", value_at_most,
                 kMinutesMax, "learning and testing, the slowest user"));
  return {};
}

}  // namespace plmm::suites
