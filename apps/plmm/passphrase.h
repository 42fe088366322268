// Passphrases from where the person gives them: a file that a variable names, the terminal, a pipe.
#pragma once

#include <cstdint>
#include <string_view>

#include "apps/plmm/context.h"
#include "crypto/secret.h"
#include "personal/vault.h"

namespace plmm::cli {

/// Whether standard input holds passphrases, one a line, where it is no terminal; for verbs that
/// read nothing else from it.
enum class Piped : std::uint8_t { no, yes };

inline constexpr std::string_view kVaultPassphraseFile = "PLMM_VAULT_PASSPHRASE_FILE";
inline constexpr std::string_view kNewPassphraseFile = "PLMM_VAULT_NEW_PASSPHRASE_FILE";
inline constexpr std::string_view kArchivePassphraseFile = "PLMM_ARCHIVE_PASSPHRASE_FILE";

/// The vault's: PLMM_VAULT_PASSPHRASE_FILE, the terminal (three times), a pipe. The context
/// outlives it.
personal::AskPassphrase vault_passphrase(const Context& context, Piped piped);

/// A new one, which a terminal asks for twice; empty only where `may_be_empty`.
/// `what` it is of: "the vault".
enum class MayBeEmpty : std::uint8_t { no, yes };
Result<crypto::SecretBytes> new_passphrase(const Context& context, std::string_view variable,
                                           std::string_view what, MayBeEmpty may_be_empty);

/// Of an archive that is there.
Result<crypto::SecretBytes> archive_passphrase(const Context& context);

}  // namespace plmm::cli
