// Out of the profile, the memory, the adapters and the stored prefixes; see own_facts.h.
#include "apps/plmm/own_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "apps/plmm/own_adapter.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/terminal/format.h"

namespace plmm::cli {
namespace {

using personal::Fact;

constexpr std::size_t kNamedMax = 3;  // facts; more are counted

std::string names_of(std::span<const Fact> facts) {
  if (facts.size() > kNamedMax) return terminal::count_text(facts.size(), "fact");
  std::string out;
  for (const Fact& fact : facts) out += (out.empty() ? "" : ", ") + phrase_of(fact);
  return out;
}

/// Ids of the turns that said them and are remembered still, each once.
std::vector<std::int64_t> turns_of(std::span<const Fact> facts, const personal::Memory& memory) {
  std::vector<std::int64_t> out;
  for (const Fact& fact : facts) {
    if (memory.find(fact.source.turn) != nullptr) out.push_back(fact.source.turn);
  }
  std::ranges::sort(out);
  const auto [repeated, end] = std::ranges::unique(out);
  out.erase(repeated, end);
  return out;
}

}  // namespace

Result<std::string> forget_own_facts(Context& context, personal::Vault& vault,
                                     personal::Memory* memory, std::span<const Fact> facts) {
  if (facts.empty()) return std::string();
  std::optional<personal::Memory> opened;
  const bool any_turn =
      std::ranges::any_of(facts, [](const Fact& fact) { return fact.source.turn != 0; });
  if (any_turn && memory == nullptr) memory = &opened.emplace(TRY(open_memory(vault)));
  const auto turns = any_turn ? turns_of(facts, *memory) : std::vector<std::int64_t>();
  // First what was made of them: whoever is stopped in between has facts without an adapter, not
  // the other way round.
  TRY(forget_learnt(context, vault, turns));
  if (!turns.empty()) TRY(memory->forget(turns));
  TRY(forget_learnt(context, vault, facts));
  std::vector<std::int64_t> ids;
  for (const Fact& fact : facts) ids.push_back(fact.id);
  personal::Profile profile(vault, now_ms);
  TRY(profile.unlink(turns));
  const auto traces = TRY(profile.forget(ids)).traces;
  TRY(forget_own_prefixes(context.paths));
  return fmt::format("forgotten: {}{}{}", names_of(facts),
                     turns.empty() ? ""
                                   : (turns.size() == 1 ? " and the turn that said so"
                                                        : " and the turns that said so"),
                     traces == personal::Traces::gone
                         ? "; gone from the files and stored prefixes of this device too"
                         : "; the last bytes go when the other running plmm is closed");
}

Result<std::size_t> forget_noticed_in(Context& context, personal::Vault& vault,
                                      std::span<const std::int64_t> turns) {
  const auto gone = TRY(personal::Profile(vault, now_ms).forget_said_in(turns));
  if (gone.n_facts > 0) TRY(forget_own_prefixes(context.paths));
  return gone.n_facts;
}

std::string source_text(const Fact& fact) {
  if (!fact.was_noticed()) return "set by hand";
  const auto turn = fact.source.turn == 0 ? std::string("forgotten turn")
                                          : fmt::format("turn {}", fact.source.turn);
  return fmt::format("{}: \"{}\"", turn, fact.source.quote.reveal(Purpose::show_owner));
}

}  // namespace plmm::cli
