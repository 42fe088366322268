// plmm memory: what was said in earlier conversations, shown, searched and forgotten.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "apps/plmm/context.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/own_adapter.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/own_facts.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/terminal/format.h"
#include "text/unicode.h"

namespace plmm::cli {
namespace {

using personal::Memory;
using personal::Turn;

constexpr int kFound = 5;                  // turns that a search shows
constexpr std::size_t kLineBytesMax = 60;  // of a turn in a list

nlohmann::ordered_json to_json(const Turn& turn) {
  return {{"id", turn.id},
          {"time_ms", turn.time_ms},
          {"conversation", turn.conversation},
          {"said", turn.said.reveal(Purpose::show_owner)},
          {"answer", turn.answer.reveal(Purpose::show_owner)},
          {"answered_by", turn.answered_by.empty() ? "plmm" : turn.answered_by}};
}

void print(Console& console, const nlohmann::ordered_json& json) {
  console.data(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

std::string on_one_line(const Turn& turn) {
  std::string text = turn.said.reveal(Purpose::show_owner);
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= kLineBytesMax) return text;
  return std::string(text::first_bytes(text, kLineBytesMax)) + "…";
}

Result<ExitCode> list(Context& context, const Memory& memory) {
  const auto turns = memory.turns();
  if (context.arguments.has("--json")) {
    auto json = nlohmann::ordered_json::array();
    for (const Turn& turn : turns) json.push_back(to_json(turn));
    print(context.console, json);
    return ExitCode::ok;
  }
  if (turns.empty()) {
    context.console.note(
        "nothing is remembered yet: what you say in a chat is kept here, sealed on this device");
    return ExitCode::ok;
  }
  std::string table =
      fmt::format("{}{}you said\n", terminal::padded("id", 7), terminal::padded("when", 19));
  for (const Turn& turn : turns) {
    table += fmt::format("{}{}{}\n", terminal::padded(std::to_string(turn.id), 7),
                         terminal::padded(date_text(turn.time_ms), 19), on_one_line(turn));
  }
  context.console.answer(table);
  return ExitCode::ok;
}

Result<ExitCode> search(Context& context, Memory& memory) {
  const auto words = fmt::format("{}", fmt::join(context.arguments.list("WHAT"), " "));
  if (words.empty())
    return fail(ErrorCode::invalid_argument, "for what? Run: plmm memory search WORDS");
  std::vector<float> embedding;
  const auto embedder = load_embedder(context);
  if (embedder) {
    embedding.resize(static_cast<std::size_t>((*embedder)->dimension()));
    const std::string_view text = words;
    TRY((*embedder)->embed({&text, 1}, embedding));
  } else {
    context.console.note(Paint::quiet, "by words only: " + embedder.error().what);
  }
  const auto found = TRY(memory.search(Personal(words), embedding, kFound));
  if (context.arguments.has("--json")) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& one : found) {
      json.push_back(to_json(one.turn));
      json.back()["similarity"] = one.similarity;
    }
    print(context.console, json);
    return ExitCode::ok;
  }
  if (found.empty()) context.console.note("nothing like that is remembered");
  for (const auto& one : found) {
    context.console.answer(fmt::format("{}  {}  (id {}, nearness {:.2f})\n",
                                       date_text(one.turn.time_ms), on_one_line(one.turn),
                                       one.turn.id, one.similarity));
  }
  return ExitCode::ok;
}

Result<std::int64_t> id_of(const Context& context) {
  const auto& words = context.arguments.list("WHAT");
  if (words.size() == 1) {
    if (const auto id = terminal::id_in(words[0])) return *id;
  }
  return fail(ErrorCode::invalid_argument, "which one? The id that `plmm memory ls` prints");
}

Result<ExitCode> show(Context& context, const Memory& memory) {
  const std::int64_t id = TRY(id_of(context));
  const Turn* const turn = memory.find(id);
  if (turn == nullptr) {
    return fail(ErrorCode::not_found,
                fmt::format("no turn {} is remembered. Run: plmm memory ls", id));
  }
  if (context.arguments.has("--json")) {
    print(context.console, to_json(*turn));
    return ExitCode::ok;
  }
  const std::string who = turn->answered_by.empty() ? "plmm" : turn->answered_by;
  context.console.answer(fmt::format("{}\nyou> {}\n{}> {}\n", date_text(turn->time_ms),
                                     turn->said.reveal(Purpose::show_owner), who,
                                     turn->answer.reveal(Purpose::show_owner)));
  return ExitCode::ok;
}

Result<ExitCode> remove(Context& context, personal::Vault& vault, Memory& memory) {
  const auto& words = context.arguments.list("WHAT");
  const bool all = words.size() == 1 && words[0] == "all";
  std::vector<std::int64_t> ids;
  if (all) {
    for (const Turn& turn : memory.turns()) ids.push_back(turn.id);
  } else {
    ids.push_back(TRY(id_of(context)));
  }
  // First, so that whoever is stopped in between has turns without an adapter, not the other way.
  TRY(forget_learnt(context, vault, ids));
  const auto forgotten = TRY(memory.forget(ids));
  const auto n_facts = TRY(forget_noticed_in(context, vault, ids));
  context.console.note(forgotten_text(forgotten.n_turns, "turn", forgotten.traces, "the files"));
  if (n_facts > 0) {
    context.console.note(fmt::format("and {} of your profile that {} noticed in it",
                                     terminal::count_text(n_facts, "fact"),
                                     n_facts == 1 ? "was" : "were"));
  }
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_memory(Context& context) {
  auto vault = TRY(open_vault(context));
  auto memory = TRY(open_memory(vault));
  const auto action = context.arguments.text("ACTION");
  if (action == "search") return search(context, memory);
  if (action == "show") return show(context, memory);
  if (action == "rm") return remove(context, vault, memory);
  if (!context.arguments.list("WHAT").empty())
    return fail(ErrorCode::invalid_argument, "too many words. Run: plmm memory --help");
  return list(context, memory);
}

}  // namespace plmm::cli
