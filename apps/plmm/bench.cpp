// plmm bench: hands over to the library of suites.
#include "bench/bench.h"

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/suites/adapt_bench.h"
#include "apps/plmm/suites/loop_bench.h"
#include "apps/plmm/suites/personal_bench.h"
#include "apps/plmm/terminal/signals.h"
#include "base/narrow.h"

namespace plmm::cli {
namespace {

constexpr int kThreadsDefault = 2;  // what the goals speak of

}  // namespace

Result<ExitCode> run_bench(Context& context) {
  bench::Options options;
  options.suite = context.arguments.text("SUITE");
  for (const auto& path : context.arguments.list("--data"))
    options.data.emplace_back(files::expand_home(path, context.paths.home));
  options.models = context.arguments.list("--model");
  options.models_dir = context.settings.models();
  std::error_code unknown;
  options.program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  options.peers = context.arguments.has("--peers");
  options.json = context.arguments.has("--json");
  const int n_threads = narrow<int>(context.settings.integer("threads"));
  options.n_threads = n_threads == 0 ? kThreadsDefault : n_threads;
  options.tier = context.settings.text("cpu");
  options.kv_cache = cache_type(context.settings);
  options.n_tokens = context.arguments.integer_or("--tokens", options.n_tokens);
  options.n_users = context.arguments.integer_or("--users", options.n_users);
  options.plant = context.arguments.integer_or("--plant", options.plant);
  options.only = context.arguments.list("--only");
  options.cancel = &terminal::interrupt();
  bench::Output output;
  output.answer = [&](std::string_view line) { context.console.data(std::string(line) + "\n"); };
  output.note = [&](std::string_view line) { context.console.note(Paint::quiet, line); };
  const auto verdict =
      options.suite == "loop"       ? suites::run_loop_bench(context, options, output)
      : options.suite == "personal" ? suites::run_personal_bench(context, options, output)
      : options.suite == "adapt"    ? suites::run_adapt_bench(context, options, output)
                                    : bench::run(options, output);
  if (verdict) return *verdict == bench::Verdict::goals_hold ? ExitCode::ok : ExitCode::goal_missed;
  if (verdict.error().code == ErrorCode::cancelled) return std::unexpected(verdict.error());
  // The bench's contract: 2 when a suite could not run, whatever the reason.
  context.console.error(verdict.error());
  return ExitCode::usage;
}

}  // namespace plmm::cli
