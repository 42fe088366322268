// plmm profile: what the model knows of its user, kept sealed on this device.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/own_facts.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/editor.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/lines.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "personal/profile.h"
#include "personal/profile_talk.h"
#include "personal/profile_text.h"

namespace plmm::cli {
namespace {

using personal::Fact;
using personal::Profile;
using personal::Slot;

constexpr std::string_view kAll = "all";
constexpr const char* kSharedMemory = "/dev/shm";

Result<Slot> slot_of(const Context& context) {
  if (const auto slot = personal::slot_named(context.arguments.text("SLOT"))) return *slot;
  return fail(ErrorCode::invalid_argument, "which of these? " + personal::slot_names());
}

std::string to_json(std::span<const Fact> facts) {
  auto json = nlohmann::ordered_json::array();
  for (const Fact& fact : facts) {
    json.push_back({{"id", fact.id},
                    {"slot", name_of(fact.slot)},
                    {"value", fact.value.reveal(Purpose::show_owner)},
                    {"since_ms", fact.since_ms},
                    {"until_ms", fact.until_ms},
                    {"turn", fact.source.turn},
                    {"quote", fact.source.quote.reveal(Purpose::show_owner)}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<ExitCode> show(Context& context, Profile& profile) {
  const auto facts = TRY(profile.facts());
  if (context.arguments.has("--json")) {
    context.console.data(to_json(facts));
    return ExitCode::ok;
  }
  if (facts.empty()) {
    context.console.note("Nothing is noted about you. For example: plmm profile set name Mira");
    return ExitCode::ok;
  }
  std::string table =
      fmt::format("{}{}{}{}from\n", terminal::padded("id", 5), terminal::padded("what", 13),
                  terminal::padded("value", 32), terminal::padded("since", 19));
  for (const Fact& fact : facts) {
    const auto former =
        fact.holds() ? std::string() : fmt::format("former, until {}; ", day_text(fact.until_ms));
    table += fmt::format("{}{}{}{}{}{}\n", terminal::padded(std::to_string(fact.id), 5),
                         terminal::padded(name_of(fact.slot), 13),
                         terminal::padded(fact.value.reveal(Purpose::show_owner) + "  ", 32),
                         terminal::padded(date_text(fact.since_ms), 19), former, source_text(fact));
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
  context.console.note(fmt::format("noted: {} ({}), sealed on this device", name_of(slot),
                                   terminal::count_text(values.size(), "value")));
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

/// What a slot, an id, words or "all" name. not_found for an id or words that name nothing.
Result<std::vector<Fact>> facts_named(const std::string& what, Profile& profile) {
  if (what.empty()) {
    return fail(ErrorCode::invalid_argument, "forget what? One of " + personal::slot_names() +
                                                 ", the id that `plmm profile show` prints, words "
                                                 "that name it, or all");
  }
  auto out = TRY(profile.facts());
  if (what == kAll) return out;
  if (const auto slot = personal::slot_named(what)) {
    std::erase_if(out, [&](const Fact& fact) { return fact.slot != *slot; });
    return out;
  }
  if (const auto id = terminal::id_in(what)) {
    std::erase_if(out, [&](const Fact& fact) { return fact.id != *id; });
  } else {
    out = personal::facts_meant(what, out);
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::not_found, "profile: no fact is meant by that. Next: plmm profile show");
}

Result<ExitCode> forget(Context& context, personal::Vault& vault, Profile& profile) {
  std::string what = context.arguments.text("SLOT");
  for (const auto& word : context.arguments.list("VALUE")) what += " " + word;
  const auto facts = TRY(facts_named(what, profile));
  const auto line = TRY(forget_own_facts(context, vault, nullptr, facts));
  context.console.note(line.empty() ? "forgotten: nothing, for nothing was noted" : line);
  return ExitCode::ok;
}

/// What stands over the lines in an editor.
constexpr std::string_view kEditHead =
    "# What the model knows about you: a line for each value. Lines that begin with # say "
    "nothing.\n"
    "# A line that you take out is forgotten. Slots: ";

/// A file that is never on a disk: nobody finds it there after the power failed.
Result<TemporaryFolder> folder_in_memory(const Context& context) {
  std::error_code ignored;
  auto runtime = context.paths.runtime.parent_path();
  if (!runtime.empty() && std::filesystem::is_directory(runtime, ignored))
    return TemporaryFolder::create_in(runtime);
  if (std::filesystem::is_directory(kSharedMemory, ignored))
    return TemporaryFolder::create_in(kSharedMemory);
  return fail(ErrorCode::io,
              "there is no folder in memory for the text: neither XDG_RUNTIME_DIR nor /dev/shm. "
              "Run: plmm profile set SLOT VALUE …");
}

/// One more look at the text where somebody is there to mend it.
bool edits_again(Context& context, const Error& error) {
  auto& console = context.console;
  if (!console.input_is_terminal()) return false;
  console.error(error);
  console.note("Enter: edit it again. Ctrl-C: leave everything as it was");
  terminal::InputLines lines;
  const auto line = lines.next();
  return line && line->has_value();
}

Result<> apply(Context& context, personal::Vault& vault, Profile& profile,
               const personal::ProfileEdit& edit) {
  const auto forgotten = TRY(forget_own_facts(context, vault, nullptr, edit.dropped));
  std::vector<std::int64_t> replaced;
  for (const Fact& fact : edit.replaced) replaced.push_back(fact.id);
  TRY(profile.replace(replaced, edit.added));
  TRY(forget_own_prefixes(context.paths));
  if (!forgotten.empty()) context.console.note(forgotten);
  if (!edit.added.empty()) {
    context.console.note(fmt::format("noted: {}, sealed on this device",
                                     terminal::count_text(edit.added.size(), "value")));
  }
  return {};
}

Result<ExitCode> edit(Context& context, personal::Vault& vault, Profile& profile) {
  TRY(vault.check_writable());
  const auto facts = TRY(profile.facts());
  const auto folder = TRY(folder_in_memory(context));
  const auto file = folder.path() / "profile.txt";
  TRY(write_file_atomically(file, std::string(kEditHead) + personal::slot_names() + "\n\n" +
                                      personal::profile_text(facts)));
  for (;;) {
    TRY(terminal::edit_file(file, context.environment));
    const auto values =
        personal::parse_profile_text(TRY(read_file(file, personal::kProfileTextBytesMax)));
    if (!values) {
      if (edits_again(context, values.error())) continue;
      return fail(values.error().code, values.error().what + "; nothing was changed");
    }
    const auto change = personal::edit_between(facts, *values);
    if (change.empty()) {
      context.console.note("nothing was changed");
    } else {
      TRY(apply(context, vault, profile, change));
    }
    return ExitCode::ok;
  }
}

/// To standard output, or to a new file that only this user can read.
Result<ExitCode> export_text(Context& context, Profile& profile) {
  const auto facts = TRY(profile.facts());
  const auto text =
      context.arguments.has("--json") ? to_json(facts) : personal::profile_text(facts);
  if (!context.arguments.has("SLOT")) {
    context.console.data(text);
    return ExitCode::ok;
  }
  const auto file = files::expand_home(context.arguments.text("SLOT"), context.paths.home);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    return fail(ErrorCode::invalid_argument, file.string() + ": is there already; name another");
  TRY(write_file_atomically(file, text));
  context.console.note(fmt::format("{}: {}, in plain text for whoever can read the file",
                                   files::shorten_home(file, context.paths.home),
                                   terminal::count_text(facts.size(), "fact")));
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
  if (action == "export") return export_text(context, profile);
  if (context.arguments.has("SLOT"))
    return fail(ErrorCode::invalid_argument, "too many words. Run: plmm profile --help");
  if (action == "edit") return edit(context, vault, profile);
  return show(context, profile);
}

}  // namespace plmm::cli
