// Conversations into a vault of their own, then each question; see personal_bench.h.
#include "apps/plmm/suites/personal_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "apps/plmm/experts.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/stage.h"
#include "apps/plmm/suites/embedded.h"
#include "apps/plmm/suites/facts_bench.h"
#include "apps/plmm/suites/figures.h"
#include "apps/plmm/suites/first_token_bench.h"
#include "apps/plmm/suites/personal_data.h"
#include "apps/plmm/suites/preferences_bench.h"
#include "apps/plmm/suites/style_bench.h"
#include "apps/plmm/suites/vault_bench.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "bench/machine.h"
#include "bench/report.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;

constexpr int kRetrieved = 5;
constexpr double kFoundMin = 0.85;
constexpr double kMillisecondsMax = 20;
constexpr double kMegabytesMax = 5;
constexpr double kAppendMillisecondsMax = 10;
constexpr double kOpenMillisecondsMax = 50;

/// Figures of all people together.
struct Found {
  std::size_t n_questions = 0;
  std::size_t n_found = 0;
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_kind;  // found, asked
  std::vector<double> search_ms;                                       // the embedding included
  std::vector<double> append_ms;
  std::vector<double> open_ms;
  std::size_t index_bytes = 0;  // of the largest
  std::size_t n_turns = 0;
};

class PersonBench {
 public:
  PersonBench(const fs::path& folder, infer::Embedder& embedder, Found& found)
      : place_(personal::vault_in(folder)), embedder_(embedder), found_(found) {}

  Result<> run(const PersonalData& data) {
    TRY(tell(data));
    auto start = Clock::now();
    auto vault = TRY(personal::Vault::open(place_));
    const auto memory = TRY(cli::open_memory(vault));
    found_.open_ms.push_back(milliseconds_since(start));
    found_.index_bytes = std::max(found_.index_bytes, memory.embedding_bytes());
    for (const auto& question : data.questions) TRY(ask(memory, question));
    return {};
  }

 private:
  Result<> tell(const PersonalData& data) {
    auto vault = TRY(personal::Vault::open(place_));
    auto memory = TRY(cli::open_memory(vault));
    for (const auto& turn : data.turns) {
      if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
      const auto embeddings = TRY(embedded(embedder_, personal::pieces_of(turn.said)));
      const auto start = Clock::now();
      const auto id = TRY(memory.keep(said_now(turn), embeddings));
      found_.append_ms.push_back(milliseconds_since(start));
      ids_[id] = turn.id;
      ++found_.n_turns;
    }
    return {};
  }

  Result<> ask(const personal::Memory& memory, const MemoryQuestion& question) {
    const std::string_view text = question.text;
    const auto start = Clock::now();
    const auto embedding = TRY(embedded(embedder_, {&text, 1}));
    const auto recalled = TRY(memory.search(Personal(question.text), embedding, kRetrieved));
    found_.search_ms.push_back(milliseconds_since(start));
    const bool is_found = std::ranges::any_of(recalled, [&](const auto& one) {
      return std::ranges::find(question.evidence, ids_.at(one.turn.id)) != question.evidence.end();
    });
    auto& [n_found, n_asked] = found_.by_kind[question.kind];
    n_found += is_found ? 1 : 0;
    ++n_asked;
    found_.n_found += is_found ? 1 : 0;
    ++found_.n_questions;
    return {};
  }

  personal::VaultPlace place_;
  infer::Embedder& embedder_;
  Found& found_;
  std::map<std::int64_t, std::string> ids_;  // of the vault, to those of the file
};

void print(const Found& found, bench::Report& report) {
  using enum bench::GoalKind;
  std::string kinds;
  for (const auto& [kind, counts] : found.by_kind) {
    if (kind.empty()) continue;
    kinds += fmt::format("{}{} {} of {}", kinds.empty() ? "; " : ", ", kind, counts.first,
                         counts.second);
  }
  report.add(row("evidence_found",
                 static_cast<double>(found.n_found) / static_cast<double>(found.n_questions), "",
                 value_at_least, kFoundMin,
                 fmt::format("{} of {} questions have a turn of their evidence among the {} "
                             "retrieved{}",
                             found.n_found, found.n_questions, kRetrieved, kinds)));
  report.add(row("recall_p95", slow_end(found.search_ms), "ms", value_at_most, kMillisecondsMax,
                 "the question's embedding and the search"));
  report.add(row("index_size", static_cast<double>(found.index_bytes) / 1e6, "MB", value_at_most,
                 kMegabytesMax, "embeddings of the largest memory"));
  report.add(row("append_p95", slow_end(found.append_ms), "ms", value_at_most,
                 kAppendMillisecondsMax,
                 fmt::format("one more turn, on disk; of {}", found.n_turns)));
  report.add(row("open_p95", slow_end(found.open_ms), "ms", value_at_most, kOpenMillisecondsMax,
                 "vault and memory, each of its records checked"));
}

Result<std::vector<fs::path>> files_of(const bench::Options& options) {
  if (!options.data.empty()) return options.data;
  std::vector<fs::path> out;
  for (const auto* name : {"ines.json", "tomasz.json", "adaeze.json"})
    out.push_back(TRY(bench::find_in_checkout(fs::path("testdata/personal") / name)));
  return out;
}

constexpr std::array<std::string_view, 7> kParts{"memory", "facts",       "vault",    "first-token",
                                                 "style",  "preferences", "following"};

/// Without --only memory and vault, and facts where no other data are given, which then are
/// conversations; the other parts take their minutes.
bool runs(const bench::Options& options, std::string_view part) {
  if (options.only.empty())
    return part == "memory" || part == "vault" || (part == "facts" && options.data.empty());
  return std::ranges::find(options.only, part) != options.only.end();
}

Result<> bench_memory(cli::Context& context, const bench::Options& options, const fs::path& folder,
                      bench::Report& report) {
  const auto embedder = TRY(cli::load_embedder(context));
  Found found;
  std::size_t n = 0;
  for (const auto& file : TRY(files_of(options))) {
    auto data = parse_personal_data(TRY(read_file(file, kPersonalFileBytesMax)));
    if (!data) return fail(data.error().code, file.string() + ": " + data.error().what);
    report.note(fmt::format("{}: {} turns, {} questions", file.filename().string(),
                            data->turns.size(), data->questions.size()));
    TRY(PersonBench(folder / std::to_string(n++), *embedder, found).run(*data));
  }
  print(found, report);
  return {};
}

}  // namespace

Result<bench::Verdict> run_personal_bench(cli::Context& context, const bench::Options& options,
                                          const bench::Output& output) {
  for (const auto& part : options.only) {
    if (std::ranges::find(kParts, part) == kParts.end())
      return fail(ErrorCode::invalid_argument,
                  "--only takes memory, facts, vault, first-token, preferences, following or style "
                  "here");
  }
  const auto stage = TRY(TemporaryFolder::create());
  bench::Report report(options, output);
  if (runs(options, "memory")) TRY(bench_memory(context, options, stage.path(), report));
  if (runs(options, "facts")) {
    // The package that they are labelled in is asked for only by who names the part.
    if (options.only.empty() && !chitchat_file(context)) {
      report.note("facts are not measured. Next: plmm pull chitchat");
    } else {
      TRY(bench_facts(context, options, stage.path() / "facts", report));
    }
  }
  const bool learns = runs(options, "following");
  if (learns || runs(options, "preferences"))
    TRY(bench_preferences(context, options, learns, stage.path() / "preferences", report));
  if (runs(options, "first-token"))
    TRY(bench_first_token(context, options, stage.path() / "first-token", report));
  if (runs(options, "vault")) TRY(bench_vault(stage.path() / "vault", report));
  if (runs(options, "style")) TRY(bench_style(context, options, report));
  return report.verdict();
}

}  // namespace plmm::suites
