// plmm vault: who can open a person's data, whether it is whole, and how it moves or goes.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "apps/plmm/context.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/passphrase.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/format.h"
#include "personal/vault_archive.h"

namespace plmm::cli {
namespace {

using personal::Lock;
using personal::Vault;
using personal::VaultPlace;

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

std::string_view text_of(Lock lock) {
  switch (lock) {
    case Lock::device:
      return "this device's key; plmm vault passwd adds a passphrase";
    case Lock::locked:
      return "this device's key and a passphrase; locked";
    case Lock::unlocked:
      return "this device's key and a passphrase; unlocked until you log out";
  }
  return "";
}

std::string_view name_of(personal::Area area) {
  switch (area) {
    case personal::Area::profile:
      return "profile";
    case personal::Area::consent:
      return "consents";
    case personal::Area::outbox:
      return "outbox";
    case personal::Area::explanation:
      return "last answer";
    case personal::Area::memory:
      return "memory";
    case personal::Area::adapter:
      return "adapter";
    case personal::Area::document:
      return "documents";
    case personal::Area::passage:
      return "passages";
    case personal::Area::passage_index:
      return "index";
  }
  return "";
}

/// "4 profile, 120 memory"
std::string text_of(const personal::ArchiveCounts& counts) {
  std::string out;
  for (const auto area : personal::kAreas) {
    const auto n = counts[static_cast<std::size_t>(area) - 1];
    if (n > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", terminal::thousands(n), name_of(area));
  }
  return out.empty() ? "nothing" : out;
}

Result<ExitCode> show(Context& context) {
  const auto place = vault_place(context);
  const auto lock = TRY(Vault::lock_of(place));
  const auto state = [&]() -> Result<std::string_view> {
    if (!has_vault(context)) return "not made yet";
    if (lock == Lock::locked) return "plmm vault unlock opens it";
    return text_of(TRY(Vault::open(place)).standing());
  }();
  const auto shorten = [&](const std::filesystem::path& path) {
    return files::shorten_home(path, context.paths.home);
  };
  context.console.answer(
      fmt::format("vault     {}\nkey       {}\ncounter   {}\nopens by  {}\nstate     {}\n",
                  shorten(place.database), shorten(place.key), shorten(place.counter),
                  text_of(lock), TRY(state)));
  return ExitCode::ok;
}

Result<ExitCode> init(Context& context) {
  if (has_vault(context)) {
    context.console.note("there is a vault already");
  } else {
    TRY(open_vault(context));
  }
  return show(context);
}

Result<ExitCode> lock(Context& context) {
  const auto place = vault_place(context);
  if (TRY(Vault::lock_of(place)) == Lock::device) {
    return fail(ErrorCode::invalid_argument,
                "the vault has no passphrase, so there is nothing to lock. Run: plmm vault passwd");
  }
  const bool was_unlocked = TRY(Vault::lock(place));
  context.console.note(was_unlocked ? "locked: programs that start from now on ask for the "
                                      "passphrase; those that run keep what they have"
                                    : "it was locked already");
  return ExitCode::ok;
}

Result<Vault> open_here(Context& context, personal::Opening opening = {}) {
  if (!opening.ask) opening.ask = vault_passphrase(context, Piped::yes);
  return Vault::open(vault_place(context), opening);
}

Result<ExitCode> unlock(Context& context) {
  const auto vault = TRY(open_here(context));
  TRY(vault.keep_unlocked());
  context.console.note("unlocked until you log out. Run: plmm vault lock  to end that");
  return ExitCode::ok;
}

/// A new key under the passphrase; none where that is empty.
Result<> rekey(Context& context, Vault& vault, std::optional<crypto::SecretBytes> passphrase) {
  std::optional<crypto::PassphraseWrapper> wrapper;
  if (passphrase && passphrase->size() > 0) wrapper.emplace(std::move(*passphrase));
  TRY(vault.rekey(wrapper ? &*wrapper : nullptr));
  return forget_own_prefixes(context.paths);
}

Result<ExitCode> change_passphrase(Context& context) {
  const bool had_one = TRY(Vault::lock_of(vault_place(context))) != Lock::device;
  auto vault = TRY(open_here(context, {.asks_always = true}));
  auto passphrase = TRY(new_passphrase(context, kNewPassphraseFile, "the vault", MayBeEmpty::yes));
  const bool has_one = passphrase.size() > 0;
  if (!has_one && !had_one)
    return fail(ErrorCode::invalid_argument, "the vault has no passphrase: nothing was changed");
  TRY(rekey(context, vault, std::move(passphrase)));
  context.console.note(has_one ? "noted: the vault asks for this passphrase from now on. Nobody "
                                 "can bring it back for you. Run: plmm vault unlock"
                               : "the vault has no passphrase any more: this device opens it");
  return ExitCode::ok;
}

Result<ExitCode> rotate(Context& context) {
  std::optional<crypto::SecretBytes> used;
  const auto ask = vault_passphrase(context, Piped::yes);
  auto vault = TRY(open_here(context, {.ask = [&](int n_wrong) -> Result<crypto::SecretBytes> {
                                         auto passphrase = TRY(ask(n_wrong));
                                         used = crypto::SecretBytes::copy_of(passphrase.bytes());
                                         return passphrase;
                                       },
                                       .asks_always = true}));
  TRY(rekey(context, vault, std::move(used)));
  context.console.note("everything in the vault is sealed anew under a new key");
  return ExitCode::ok;
}

Result<ExitCode> verify(Context& context) {
  auto vault = TRY(open_here(context));
  const auto start = std::chrono::steady_clock::now();
  const auto checks = TRY(vault.check());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::uint64_t n_records = 0;
  for (const auto& check : checks) {
    n_records += check.n_records;
    const auto damage =
        check.is_whole ? std::string("whole")
        : check.n_unreadable > 0
            ? fmt::format("damaged: {} cannot be read", terminal::thousands(check.n_unreadable))
            : std::string("damaged: records are missing, or older than they should be");
    context.console.answer(fmt::format("{}{:>10}  {}\n", terminal::padded(name_of(check.area), 12),
                                       terminal::thousands(check.n_records), damage));
  }
  context.console.answer(fmt::format("{} records in {:.3f} s; {}\n", terminal::thousands(n_records),
                                     seconds.count(), text_of(vault.standing())));
  if (std::ranges::all_of(checks, &personal::AreaCheck::is_whole)) return ExitCode::ok;
  return fail(ErrorCode::corrupt_data,
              "the vault is damaged. Next: put the file back from a backup, or go on with what can "
              "be read: plmm vault accept");
}

Result<ExitCode> accept(Context& context) {
  const auto vault = TRY(open_here(context, {.old_copy = personal::OldCopy::accept}));
  context.console.note("this copy of the vault is the one to go on with");
  if (vault.n_lost() > 0) {
    context.console.note(Paint::warning, fmt::format("{} records could not be read and are gone",
                                                     terminal::thousands(vault.n_lost())));
  }
  return ExitCode::ok;
}

Result<std::filesystem::path> archive_file(const Context& context) {
  if (!context.arguments.has("FILE"))
    return fail(ErrorCode::invalid_argument, "which file? Run: plmm vault --help");
  return files::expand_home(context.arguments.text("FILE"), context.paths.home);
}

Result<ExitCode> export_to(Context& context) {
  const auto file = TRY(archive_file(context));
  auto vault = TRY(open_here(context));
  const crypto::PassphraseWrapper passphrase(
      TRY(new_passphrase(context, kArchivePassphraseFile, "the archive", MayBeEmpty::no)));
  const auto counts = TRY(personal::export_vault(vault, file, passphrase));
  context.console.note(
      fmt::format("{}: {}; its passphrase opens it on any device, and nothing else does",
                  files::shorten_home(file, context.paths.home), text_of(counts)));
  return ExitCode::ok;
}

Result<ExitCode> import_from(Context& context) {
  const auto file = TRY(archive_file(context));
  auto vault = TRY(open_here(context));
  const auto how = context.arguments.has("--replace") ? personal::Import::replace_all
                                                      : personal::Import::into_empty;
  const crypto::PassphraseWrapper passphrase(TRY(archive_passphrase(context)));
  const auto counts = TRY(personal::import_vault(vault, file, passphrase, how));
  TRY(forget_own_prefixes(context.paths));
  context.console.note(fmt::format("imported: {}", text_of(counts)));
  return ExitCode::ok;
}

Result<ExitCode> wipe(Context& context) {
  if (!context.arguments.has("--yes")) {
    return fail(ErrorCode::invalid_argument,
                "this forgets your profile, memory, outbox and consents for good. Run: "
                "plmm vault wipe --yes");
  }
  TRY(forget_own_prefixes(context.paths));
  TRY(Vault::erase(vault_place(context)));
  context.console.note("wiped: profile, memory, outbox and consents. The device's key stays.");
  return ExitCode::ok;
}

struct Action {
  std::string_view name;
  Result<ExitCode> (*run)(Context&);
};
constexpr Action kActions[] = {
    {"show", show},          {"init", init},     {"lock", lock},
    {"unlock", unlock},      {"rotate", rotate}, {"passwd", change_passphrase},
    {"verify", verify},      {"accept", accept}, {"export", export_to},
    {"import", import_from}, {"wipe", wipe},     {"erase", wipe}};

}  // namespace

Result<ExitCode> run_vault(Context& context) {
  const auto wanted = context.arguments.text("ACTION");
  const auto action = std::ranges::find(kActions, wanted, &Action::name);
  const bool takes_file = wanted == "export" || wanted == "import";
  if (context.arguments.has("FILE") && !takes_file)
    return fail(ErrorCode::invalid_argument, "too many words. Run: plmm vault --help");
  return action == std::end(kActions) ? show(context) : action->run(context);
}

}  // namespace plmm::cli
