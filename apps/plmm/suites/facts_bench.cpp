// Labelled turns through the rules, and through a vault again and again; see facts_bench.h.
#include "apps/plmm/suites/facts_bench.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "apps/plmm/own_data.h"
#include "apps/plmm/suites/facts_data.h"
#include "apps/plmm/suites/figures.h"
#include "apps/plmm/suites/style_bench.h"
#include "base/file.h"
#include "bench/machine.h"
#include "personal/noting.h"
#include "personal/recall.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;

constexpr double kPrecisionMin = 0.95;
constexpr double kRecallMin = 0.60;
constexpr std::size_t kReplays = 1'000;

/// Proposals that the profile would take.
std::vector<personal::Noticed> proposals(const std::string& said) {
  auto out = personal::notice(said);
  std::erase_if(out, [&](const personal::Noticed& one) {
    const auto& [begin, end] = one.value;
    return !personal::clean_value(Personal(said.substr(begin, end - begin)));
  });
  return out;
}

/// What each slot had: right, proposed, labelled.
std::string by_kind(const std::vector<LabelledTurn>& turns) {
  std::map<std::string_view, FactScore> counts;
  for (const LabelledTurn& turn : turns) {
    const auto all = proposals(turn.said);
    for (const personal::Slot slot : personal::kSlots) {
      LabelledTurn of{turn.said, turn.facts};
      std::erase_if(of.facts, [&](const FactLabel& label) { return label.kind != slot; });
      auto proposed = all;
      std::erase_if(proposed, [&](const personal::Noticed& one) { return one.slot != slot; });
      const auto one = score(of, proposed);
      auto& sum = counts[name_of(slot)];
      sum.n_right += one.n_right;
      sum.n_proposed += one.n_proposed;
      sum.n_labels += one.n_labels;
    }
  }
  std::string out;
  for (const auto& [name, sum] : counts) {
    if (sum.n_proposed + sum.n_labels == 0) continue;
    out += fmt::format("{}{} {}/{}/{}", out.empty() ? "" : ", ", name, sum.n_right, sum.n_proposed,
                       sum.n_labels);
  }
  return out;
}

FactScore total(const std::vector<LabelledTurn>& turns) {
  FactScore out;
  for (const LabelledTurn& turn : turns) {
    const auto one = score(turn, proposals(turn.said));
    out.n_right += one.n_right;
    out.n_proposed += one.n_proposed;
    out.n_labels += one.n_labels;
  }
  return out;
}

personal::Turn turn_of(std::int64_t id, std::string said, std::string answer) {
  personal::Turn out;
  out.id = id;
  out.time_ms = cli::now_ms();
  out.said = Personal(std::move(said));
  out.answer = Personal(std::move(answer));
  return out;
}

/// Facts that come of recalled text which is said again, by the model and in front of questions.
/// not_found where nothing is noticed that could be recalled.
Result<std::size_t> n_replayed(const std::vector<LabelledTurn>& turns, const fs::path& folder) {
  auto vault = TRY(personal::Vault::open(personal::vault_in(folder)));
  std::vector<personal::Recalled> told;
  for (const LabelledTurn& turn : turns) {
    const auto one = turn_of(static_cast<std::int64_t>(told.size()) + 1, turn.said, "");
    if (!TRY(personal::note_facts(vault, one)).added.empty()) told.push_back({one, 1, 1});
  }
  if (told.empty())
    return fail(ErrorCode::not_found, "no fact is noticed in these turns: nothing to replay");
  personal::Profile profile(vault, cli::now_ms);
  const std::size_t n_before = TRY(profile.facts()).size();
  for (std::size_t i = 0; i < kReplays; ++i) {
    const auto note = personal::make_note({&told[i % told.size()], 1}, {}, cli::day_text);
    const std::string& text = note.text.reveal(Purpose::prompt);
    const auto echo = turn_of(0, "What did I tell you?", text);
    TRY(personal::note_facts(vault, echo));
    TRY(personal::note_facts(vault, turn_of(0, text + "What did I tell you?", text)));
  }
  return TRY(profile.facts()).size() - n_before;
}

Result<std::vector<LabelledTurn>> read_labels(const cli::Context& context, const fs::path& file,
                                              Dialogues& dialogues) {
  const auto labels = TRY(read_file(file, kLabelsBytesMax));
  if (dialogues.empty() && names_dialogues(labels)) {
    const auto json = TRY(read_file(TRY(chitchat_file(context)), kChitchatBytesMax));
    dialogues = TRY(parse_dialogues(json));
  }
  auto out = parse_fact_labels(labels, dialogues);
  if (!out) return fail(out.error().code, file.string() + ": " + out.error().what);
  return out;
}

}  // namespace

Result<> bench_facts(cli::Context& context, const bench::Options& options, const fs::path& folder,
                     bench::Report& report) {
  using enum bench::GoalKind;
  Dialogues dialogues;
  std::vector<LabelledTurn> turns;
  if (options.data.empty()) {
    const auto made_on = TRY(read_labels(
        context, TRY(bench::find_in_checkout("testdata/facts/rules.jsonl")), dialogues));
    const auto score = total(made_on);
    report.add(row("facts_precision/rules", score.precision(), "",
                   fmt::format("{} of {} proposals; the turns that the rules were made on",
                               score.n_right, score.n_proposed)));
    report.add(row("facts_recall/rules", score.recall(), "",
                   fmt::format("{} of {} labels", score.n_right, score.n_labels)));
    turns = TRY(read_labels(
        context, TRY(bench::find_in_checkout("testdata/facts/kept_apart.jsonl")), dialogues));
  }
  for (const auto& file : options.data) {
    auto more = TRY(read_labels(context, file, dialogues));
    turns.insert(turns.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  }
  const auto score = total(turns);
  report.add(row("facts_precision", score.precision(), "", value_at_least, kPrecisionMin,
                 fmt::format("{} of {} proposals in {} turns are true and labelled so; "
                             "right/proposed/labelled: {}",
                             score.n_right, score.n_proposed, turns.size(), by_kind(turns))));
  report.add(row("facts_recall", score.recall(), "", value_at_least, kRecallMin,
                 fmt::format("{} of {} labels", score.n_right, score.n_labels)));
  report.add(row("facts_replayed", static_cast<double>(TRY(n_replayed(turns, folder))), "",
                 value_at_most, 0, "facts added by 1,000 times of recalled text"));
  return {};
}

}  // namespace plmm::suites
