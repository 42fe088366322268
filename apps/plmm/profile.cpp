// plmm profile: what the model knows of its user, kept sealed on this device.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/own_adapter.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/format.h"
#include "personal/profile.h"

namespace plmm::cli {
namespace {

using personal::Fact;
using personal::Profile;
using personal::Slot;

constexpr std::string_view kAll = "all";

std::string slot_names() {
  std::string out;
  for (const Slot slot : personal::kSlots) {
    if (!out.empty()) out += ", ";
    out += name_of(slot);
  }
  return out;
}

Result<Slot> slot_of(const Context& context) {
  if (const auto slot = personal::slot_named(context.arguments.text("SLOT"))) return *slot;
  return fail(ErrorCode::invalid_argument, "which of these? " + slot_names());
}

Result<ExitCode> show(Context& context, Profile& profile) {
  const auto facts = TRY(profile.facts());
  if (context.arguments.has("--json")) {
    auto json = nlohmann::ordered_json::array();
    for (const Fact& fact : facts) {
      json.push_back({{"id", fact.id},
                      {"slot", name_of(fact.slot)},
                      {"value", fact.value.reveal(Purpose::show_owner)},
                      {"since_ms", fact.since_ms}});
    }
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return ExitCode::ok;
  }
  if (facts.empty()) {
    context.console.note("Nothing is noted about you. For example: plmm profile set name Mira");
    return ExitCode::ok;
  }
  std::string table = fmt::format("{}{}{}since\n", terminal::padded("id", 5),
                                  terminal::padded("what", 12), terminal::padded("value", 42));
  for (const Fact& fact : facts) {
    table += fmt::format("{}{}{}{}\n", terminal::padded(std::to_string(fact.id), 5),
                         terminal::padded(name_of(fact.slot), 12),
                         terminal::padded(fact.value.reveal(Purpose::show_owner) + "  ", 42),
                         date_text(fact.since_ms));
  }
  context.console.answer(table);
  return ExitCode::ok;
}

Result<ExitCode> set(Context& context, Profile& profile) {
  const Slot slot = TRY(slot_of(context));
  std::vector<Personal<std::string>> values;
  for (const auto& value : context.arguments.list("VALUE")) values.emplace_back(value);
  if (values.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("what is your {0}? Run: plmm profile set {0} VALUE …", name_of(slot)));
  }
  TRY(profile.set(slot, values));
  TRY(forget_own_prefixes(context.paths));
  context.console.note(fmt::format("noted: {} ({} value{}), sealed on this device", name_of(slot),
                                   values.size(), values.size() == 1 ? "" : "s"));
  return ExitCode::ok;
}

Result<ExitCode> add(Context& context, Profile& profile) {
  const Slot slot = TRY(slot_of(context));
  const auto& values = context.arguments.list("VALUE");
  if (values.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("what to add? Run: plmm profile add {} VALUE …", name_of(slot)));
  }
  for (const auto& value : values) TRY(profile.add(slot, Personal<std::string>(value)));
  TRY(forget_own_prefixes(context.paths));
  context.console.note(fmt::format("noted: {}, sealed on this device", name_of(slot)));
  return ExitCode::ok;
}

Result<personal::Forgotten> forget_named(const std::string& what, Profile& profile) {
  if (what == kAll) return profile.forget_all();
  if (const auto slot = personal::slot_named(what)) return profile.forget(*slot);
  if (const auto id = terminal::id_in(what)) return profile.forget(*id);
  return fail(ErrorCode::invalid_argument, "forget what? One of " + slot_names() +
                                               ", the id that `plmm profile show` prints, or all");
}

/// Those that forget_named() forgets.
Result<std::vector<Fact>> facts_named(const std::string& what, Profile& profile) {
  auto out = TRY(profile.facts());
  const auto slot = personal::slot_named(what);
  const auto id = terminal::id_in(what);
  std::erase_if(out, [&](const Fact& fact) {
    return what != kAll && !(slot && fact.slot == *slot) && !(id && fact.id == *id);
  });
  return out;
}

Result<ExitCode> forget(Context& context, personal::Vault& vault, Profile& profile) {
  const auto& what = context.arguments.text("SLOT");
  TRY(forget_learnt(context, vault, TRY(facts_named(what, profile))));
  const auto forgotten = TRY(forget_named(what, profile));
  TRY(forget_own_prefixes(context.paths));
  context.console.note(
      forgotten_text(forgotten.n_facts, "fact", forgotten.traces, "the files and stored prefixes"));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_profile(Context& context) {
  auto vault = TRY(open_vault(context));
  Profile profile(vault, now_ms);
  const auto action = context.arguments.text("ACTION");
  if (action == "set") return set(context, profile);
  if (action == "add") return add(context, profile);
  if (action == "forget") return forget(context, vault, profile);
  if (context.arguments.has("SLOT"))
    return fail(ErrorCode::invalid_argument, "too many words. Run: plmm profile --help");
  return show(context, profile);
}

}  // namespace plmm::cli
