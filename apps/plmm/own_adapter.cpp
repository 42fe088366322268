// From the vault into a session, and out of the vault; see own_adapter.h.
#include "apps/plmm/own_adapter.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/remembering.h"
#include "learn/adapters.h"
#include "learn/material.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::cli {
namespace {

bool wants_own_adapter(const Context& context) {
  return context.settings.text("adapter").empty() && !is_incognito(context) && has_vault(context);
}

/// What it says of itself; nothing where there is none for this model.
Result<std::optional<personal::AdapterUsed>> use(Context& context, personal::Vault& vault,
                                                 RunningModel& model) {
  const auto loaded = TRY(learn::Adapters(vault).load_for(model.engine->model()));
  if (!loaded) return std::nullopt;
  const auto packed = TRY(model::PackedLora::pack(loaded->adapter, model.engine->model()));
  model.session.set_adapter(packed);
  model.session.use_prefixes(
      open_prefixes(context, *model.engine, {packed.get(), 1.0F}, PrefixesOf::own));
  const auto& version = loaded->version;
  return personal::AdapterUsed{version.number, version.time_ms, version.n_turns};
}

/// Says which versions are gone; `still`: what a person should know before they learn again.
Result<> say_gone(Context& context, const learn::Adapters::Gone& gone, std::string_view still) {
  if (gone.versions.empty()) return {};
  // They hold what the adapter made of the person's words.
  TRY(forget_own_prefixes(context.paths));
  std::string numbers;
  for (const auto& version : gone.versions)
    numbers += fmt::format("{}{}", numbers.empty() ? "" : " and ", version.number);
  context.console.note(
      fmt::format("the personal adapter, version{} {}, had learnt from that and is gone too{}. "
                  "plmm learn now  learns again without it",
                  gone.versions.size() == 1 ? "" : "s", numbers, still));
  return {};
}

}  // namespace

void use_own_adapter(Context& context, ExpertDesk& desk, RunningModel& model) {
  desk.answers_with({});
  if (!wants_own_adapter(context)) return;
  const auto vault = desk.vault();
  if (!vault) return;  // pinned_profile() has said so
  auto used = use(context, **vault, model);
  if (used) return desk.answers_with(*used);
  context.console.note(Paint::warning,
                       "going on without your personal adapter: " + used.error().what);
}

Result<> forget_learnt(Context& context, personal::Vault& vault,
                       std::span<const std::int64_t> ids) {
  const auto gone = TRY(learn::Adapters(vault).forget(ids));
  return say_gone(context, gone, "");
}

Result<> forget_learnt(Context& context, personal::Vault& vault,
                       std::span<const personal::Fact> facts) {
  learn::Adapters adapters(vault);
  const auto versions = TRY(adapters.versions());
  const bool any = std::ranges::any_of(versions, [](const learn::Version& version) {
    return version.standing == learn::Standing::kept;
  });
  if (!any) return {};
  const auto memory = TRY(open_memory(vault));
  const auto turns = memory.turns();
  const auto ids = learn::turns_that_say(turns, facts);
  const auto gone = TRY(adapters.forget(ids));
  return say_gone(context, gone,
                  fmt::format("; {} remembered turn{} still (plmm memory search finds, plmm "
                              "memory rm forgets)",
                              ids.size(), ids.size() == 1 ? " says it" : "s say it"));
}

}  // namespace plmm::cli
