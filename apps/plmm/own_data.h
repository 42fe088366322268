// A person's own data on this device as the verbs use it: the vault in its place, and dates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "personal/profile.h"
#include "personal/vault.h"
#include "personal/why.h"

namespace plmm::cli {

class ExpertDesk;

/// Milliseconds since 1970, UTC, by the system's clock.
std::int64_t now_ms();
/// "22 Nov 2026 14:05", local time.
std::string date_text(std::int64_t time_ms);
/// "22 Nov 2026", local time.
std::string day_text(std::int64_t time_ms);

/// Whether this run reads and writes nothing of the person's: no profile, memory, history, stored
/// prefix or explanation.
bool is_incognito(const Context& context);

/// "forgotten: 2 turns, gone from …"; `where` the bytes of what was forgotten stood.
std::string forgotten_text(std::size_t n, std::string_view noun, personal::Traces traces,
                           std::string_view where);

/// Where this user's vault is, and where it stays unlocked.
personal::VaultPlace vault_place(const Context& context);

/// Whether anything was ever told or kept; opening the vault would make one.
bool has_vault(const Context& context);

/// The profile as it stands before every conversation; empty where none was told. When the vault
/// cannot be read, that is said and the conversation goes on without it. `desk` has the vault.
struct ProfileText {
  std::string text;
  std::vector<personal::Slot> slots;  // that are in it
  std::vector<std::int64_t> facts;    // the same, ids
};
ProfileText pinned_profile(Context& context, ExpertDesk& desk);
/// The profile and the person's own instruction behind it, either of which may be empty.
std::string system_text(const std::string& profile, const std::string& instruction);

/// Lines that explain an answer, with what the vault knows of the facts and documents that it used.
Result<std::vector<std::string>> explained(const personal::Explanation& explanation,
                                           personal::Vault& vault);

/// The vault of this user; made where there is none. A passphrase is asked for where it is needed.
/// What it says of an older copy is shown.
Result<personal::Vault> open_vault(Context& context);

}  // namespace plmm::cli
