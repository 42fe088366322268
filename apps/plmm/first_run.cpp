// One screen and one question; see first_run.h.
#include "apps/plmm/first_run.h"

#include <fmt/format.h>

#include "apps/plmm/own_data.h"
#include "personal/introduction.h"
#include "personal/profile.h"

namespace plmm::cli {
namespace {

void show_screen(Context& context) {
  auto& console = context.console;
  const bool remembers = context.settings.boolean("memory");
  const auto folder = vault_place(context).database.parent_path();
  console.note("Welcome. This is your own model: it runs on this device, and nobody reads along.");
  console.note(fmt::format("  kept     {}, sealed, in {}",
                           remembers ? "what you tell about yourself and what you talk about"
                                     : "what you tell about yourself",
                           files::shorten_home(folder, context.paths.home)));
  console.note(fmt::format("  to see   plmm profile{}", remembers ? ", plmm memory" : ""));
  console.note("  to erase plmm vault wipe;  plmm chat --incognito keeps nothing");
  console.note("");
  console.note("What may I call you? (Enter: not now)");
}

/// Without a name the vault is made all the same, so that nobody is asked twice.
Result<> keep(Context& context, const std::optional<personal::Introduction>& told) {
  auto vault = TRY(open_vault(context));
  if (!told) return {};
  TRY(personal::Profile(vault, now_ms).add(personal::Slot::name, told->name));
  context.console.note(fmt::format("Noted: {}. plmm profile set name changes it.\n",
                                   told->name.reveal(Purpose::show_owner)));
  return {};
}

}  // namespace

bool is_first_run(const Context& context) { return !is_incognito(context) && !has_vault(context); }

FirstRun welcome(Context& context, terminal::LineEditor& editor) {
  show_screen(context);
  const auto input = editor.read("name> ");
  FirstRun out;
  out.leaves = input.end != terminal::InputEnd::line;
  if (out.leaves) return out;
  const auto told = personal::introduction_in(Personal<std::string>(input.text));
  if (const auto kept = keep(context, told); !kept)
    context.console.note(Paint::warning, "going on without your profile: " + kept.error().what);
  if (told && told->says_more) out.first_turn = input.text;
  if (!told && input.text.find_first_not_of(" \t") != std::string::npos) {
    context.console.note("(no name, then: plmm profile set name NAME tells me later)\n");
    out.first_turn = input.text;
  }
  return out;
}

}  // namespace plmm::cli
