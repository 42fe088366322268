// Opens the vault and says what its standing means; see own_data.h.
#include "apps/plmm/own_data.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <ctime>

#include "apps/plmm/expert_desk.h"
#include "apps/plmm/passphrase.h"
#include "apps/plmm/terminal/format.h"
#include "personal/documents.h"
#include "personal/prompt.h"

namespace plmm::cli {
namespace {

std::string local_time(std::int64_t time_ms, const char* format) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return "?";
  std::array<char, 32> text{};
  const auto n = std::strftime(text.data(), text.size(), format, &local);
  return {text.data(), n};
}

}  // namespace

std::int64_t now_ms() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string date_text(std::int64_t time_ms) { return local_time(time_ms, "%d %b %Y %H:%M"); }

std::string day_text(std::int64_t time_ms) {
  auto out = local_time(time_ms, "%d %b %Y");
  if (out.starts_with('0')) out.erase(0, 1);
  return out;
}

bool is_incognito(const Context& context) { return context.arguments.has("--incognito"); }

std::string forgotten_text(std::size_t n, std::string_view noun, personal::Traces traces,
                           std::string_view where) {
  const auto line = "forgotten: " + terminal::count_text(n, noun);
  if (n == 0) return line;
  if (traces == personal::Traces::gone)
    return fmt::format("{}, gone from {} of this device too", line, where);
  return line + "; the last bytes go when the other running plmm is closed";
}

personal::VaultPlace vault_place(const Context& context) {
  auto out = personal::vault_in(context.paths.data);
  out.unlocked = context.paths.runtime;
  return out;
}

bool has_vault(const Context& context) {
  std::error_code absent;
  return std::filesystem::exists(vault_place(context).database, absent);
}

ProfileText pinned_profile(Context& context, ExpertDesk& desk) {
  if (is_incognito(context) || !has_vault(context)) return {};
  auto text = [&]() -> Result<ProfileText> {
    personal::Vault* const vault = TRY(desk.vault());
    const auto facts = TRY(personal::Profile(*vault, now_ms).facts());
    auto pinned = personal::pin(facts);
    if (pinned.facts.empty()) return ProfileText();
    return ProfileText{pinned.text.reveal(Purpose::prompt), std::move(pinned.slots),
                       std::move(pinned.facts)};
  }();
  if (text) return std::move(*text);
  context.console.note(Paint::warning, "going on without your profile: " + text.error().what);
  return {};
}

std::string system_text(const std::string& profile, const std::string& instruction) {
  if (profile.empty() || instruction.empty()) return profile + instruction;
  return profile + "\n\n" + instruction;
}

Result<std::vector<std::string>> explained(const personal::Explanation& explanation,
                                           personal::Vault& vault) {
  std::vector<personal::OwnDocument> documents;
  if (!explanation.places.empty()) documents = TRY(personal::Documents::list(vault));
  return explain(explanation, TRY(personal::Profile(vault, now_ms).facts()), day_text, documents);
}

Result<personal::Vault> open_vault(Context& context) {
  const personal::Opening opening{.ask = vault_passphrase(context, Piped::no)};
  auto vault = TRY(personal::Vault::open(vault_place(context), opening));
  if (const auto writable = vault.check_writable(); !writable)
    context.console.note(Paint::warning, writable.error().what);
  return vault;
}

}  // namespace plmm::cli
