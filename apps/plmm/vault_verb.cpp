// plmm vault: where a person's data is kept, and what to do when it is an older copy.
#include <fmt/format.h>

#include "apps/plmm/context.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/prefixes.h"

namespace plmm::cli {
namespace {

std::string_view text_of(personal::Standing standing) {
  switch (standing) {
    case personal::Standing::current:
      return "the newest that this device has written";
    case personal::Standing::older_copy:
      return "an older copy: it can be read, not changed";
    case personal::Standing::counter_lost:
      return "its counter is missing: it can be read, not changed";
  }
  return "";
}

Result<ExitCode> show(Context& context, const personal::VaultPlace& place) {
  const auto vault = TRY(personal::Vault::open(place));
  const auto shorten = [&](const std::filesystem::path& path) {
    return shorten_home(path, context.paths.home);
  };
  context.console.answer(fmt::format("vault     {}\nkey       {}\ncounter   {}\nstate     {}\n",
                                     shorten(place.database), shorten(place.key),
                                     shorten(place.counter), text_of(vault.standing())));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_vault(Context& context) {
  const auto place = personal::vault_in(context.paths.data);
  const auto action = context.arguments.text("ACTION");
  if (action == "accept") {
    TRY(personal::Vault::open(place, personal::OldCopy::accept));
    context.console.note("this copy of the vault is the one to go on with");
    return ExitCode::ok;
  }
  if (action != "erase") return show(context, place);
  if (!context.arguments.has("--yes")) {
    return fail(ErrorCode::invalid_argument,
                "this forgets your profile, memory, outbox and consents for good. Run: "
                "plmm vault erase --yes");
  }
  TRY(forget_own_prefixes(context.paths));
  TRY(personal::Vault::erase(place));
  context.console.note("erased: profile, memory, outbox and consents. The device's key stays.");
  return ExitCode::ok;
}

}  // namespace plmm::cli
