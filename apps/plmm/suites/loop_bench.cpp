// The suite's own home: ledger, profile and experts, and the order of its parts; see loop_bench.h.
#include "apps/plmm/suites/loop_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "apps/plmm/create_expert.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/stage.h"
#include "apps/plmm/suites/figures.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "economy/crash_check.h"
#include "expert/exam.h"
#include "expert/library.h"
#include "expert/make_exam.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;

constexpr int kLedgers = 10;  // verified as a whole after each kill, so that short ones are quicker
constexpr int kKillsOfLedger = 30;
constexpr std::uint64_t kSeed = 2309'14726;
constexpr std::size_t kPlanted = 20;

/// Before any model is loaded: the ledger's children are forks, and threads do not survive one.
Result<> measure_ledger(const LoopBench& bench) {
  bench.note(fmt::format("ledger: {} times kill -9", kLedgers * kKillsOfLedger));
  economy::CrashReport found;
  for (int i = 0; i < kLedgers; ++i) {
    const auto file = bench.context.paths.data / fmt::format("killed-ledger-{}.db", i);
    const auto seed = kSeed + static_cast<std::uint64_t>(i);
    const auto one = TRY(economy::kill_ledgers(file, kKillsOfLedger, seed, terminal::interrupt()));
    found.n_kills += one.n_kills;
    found.n_acknowledged += one.n_acknowledged;
    found.n_lost += one.n_lost;
    found.n_doubled += one.n_doubled;
    found.n_half_done += one.n_half_done;
    found.n_unbalanced += one.n_unbalanced;
  }
  const auto text = fmt::format("of {} confirmed payments, {} times kill -9",
                                terminal::thousands(found.n_acknowledged), found.n_kills);
  bench.at_most("ledger_lost", static_cast<double>(found.n_lost), "", 0, text);
  bench.at_most("ledger_doubled", static_cast<double>(found.n_doubled), "", 0, text);
  bench.at_most("ledger_unbalanced", static_cast<double>(found.n_unbalanced + found.n_half_done),
                "", 0, "times that the books did not add up");
  return {};
}

Result<> tell_profile(cli::Context& context, const LoopData& data) {
  auto vault = TRY(cli::open_vault(context));
  personal::Profile profile(vault, cli::now_ms);
  for (const auto& [slot, value] : data.profile)
    TRY(profile.add(slot, Personal<std::string>(value)));
  return {};
}

/// Makes an expert from the documents of a preset without some of their sections, which are
/// returned. `user` knows where the documents are.
Result<std::vector<Section>> make_expert_with_gaps(cli::Context& user, LoopBench& bench,
                                                   const expert::Preset& preset,
                                                   std::uint64_t seed) {
  auto plan = TRY(cli::plan_of(user, preset));
  GapPlanter planter;
  for (const auto& path : plan.documents) {
    TRY(reader::read_documents(
        path,
        [&](const reader::Document& document) -> Result<> {
          planter.add(document);
          return {};
        },
        terminal::interrupt(), plan.options.reading));
  }
  auto planted = TRY(std::move(planter).plant(kPlanted, seed, bench.data.questions));
  const auto file = bench.context.paths.data / fmt::format("{}.jsonl", preset.name);
  TRY(write_file_atomically(file, sections_jsonl(planted.kept)));
  plan.documents = {file};
  plan.options.reading = {};
  infer::Embedder* const embedder = TRY(bench.models.embedder());
  auto library = TRY(cli::make_expert(bench.context, *embedder, std::move(plan)));
  // An exam of its own, and what the suite asks: none of it may get worse by an upgrade.
  auto exam = TRY(expert::make_exam(library));
  for (const auto& question : bench.data.questions) {
    if (question.kind == preset.name) exam.push_back(question.exam);
  }
  TRY(expert::save_exam(library.folder(), exam));
  return std::move(planted.withheld);
}

Result<> run_parts(cli::Context& user, LoopBench& bench, const LoopParts& parts,
                   std::uint64_t seed) {
  if (parts.has("ledger")) TRY(measure_ledger(bench));
  TRY(tell_profile(bench.context, bench.data));
  std::map<std::string, std::vector<Section>> withheld;
  for (const auto& name : bench.data.experts()) {
    if (!parts.needs_expert(name)) continue;
    bench.note(fmt::format("{}: making the expert, {} sections withheld", name, kPlanted));
    withheld[name] = TRY(make_expert_with_gaps(user, bench, *expert::find_preset(name), seed));
  }
  if (parts.has("routing")) TRY(measure_routing(bench));
  if (parts.has("answers")) TRY(measure_answers(bench));
  for (const auto& [name, sections] : withheld) {
    if (parts.has_gaps_of(name)) TRY(measure_gaps(bench, name, sections));
  }
  return {};
}

}  // namespace

Result<LoopParts> LoopParts::choose(std::vector<std::string> only,
                                    std::span<const std::string> experts) {
  std::vector<std::string> known{"ledger", "routing", "answers", "gaps"};
  for (const auto& expert : experts) known.push_back("gaps/" + expert);
  for (const auto& part : only) {
    if (std::ranges::find(known, part) != known.end()) continue;
    return fail(ErrorCode::invalid_argument, fmt::format("the suite has no part '{}'. It has: {}",
                                                         part, fmt::join(known, ", ")));
  }
  LoopParts out;
  out.only_ = std::move(only);
  return out;
}

bool LoopParts::has(std::string_view part) const {
  return only_.empty() || std::ranges::find(only_, part) != only_.end();
}

bool LoopParts::has_gaps_of(std::string_view expert) const {
  return has("gaps") || has(fmt::format("gaps/{}", expert));
}

bool LoopParts::needs_expert(std::string_view expert) const {
  return has("routing") || has("answers") || has_gaps_of(expert);
}

void LoopBench::at_least(std::string name, double value, std::string unit, double bound,
                         std::string text) const {
  report.add(row(std::move(name), value, std::move(unit), bench::GoalKind::value_at_least, bound,
                 std::move(text)));
}

void LoopBench::at_most(std::string name, double value, std::string unit, double bound,
                        std::string text) const {
  report.add(row(std::move(name), value, std::move(unit), bench::GoalKind::value_at_most, bound,
                 std::move(text)));
}

void LoopBench::tell(std::string name, double value, std::string unit, std::string text) const {
  report.add(row(std::move(name), value, std::move(unit), std::move(text)));
}

Result<bench::Verdict> run_loop_bench(cli::Context& context, const bench::Options& options,
                                      const bench::Output& output) {
  const auto start = std::chrono::steady_clock::now();
  const auto data = TRY(read_loop_data(options.data));
  const auto parts = TRY(LoopParts::choose(options.only, data.experts()));
  const auto stage = TRY(TemporaryFolder::create());
  const auto environment = cli::environment_of(context, stage.path());
  const files::Paths paths = files::find_paths(environment);
  auto settings = TRY(command::Settings::resolve(paths, environment, context.arguments.flags()));
  cli::Context own{context.arguments, std::move(settings), paths, environment, context.console};
  cli::ExpertModels models(own);
  bench::Report report(options, output);
  LoopBench bench{own, data, models, report};
  std::error_code failed;
  fs::create_directories(paths.data, failed);
  if (failed) return fail(ErrorCode::io, paths.data.string() + ": " + failed.message());
  TRY(run_parts(context, bench, parts, kSeed + static_cast<std::uint64_t>(options.plant)));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  bench.note(fmt::format("{} for all of it", terminal::duration_text(took.count())));
  return report.verdict();
}

}  // namespace plmm::suites
