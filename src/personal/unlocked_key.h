// A vault's keys kept in memory between programs, from `unlock` to `lock` or the end of the login.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "crypto/key_wrapper.h"
#include "personal/vault_keys.h"

namespace plmm::personal {

/// Writes folder/vault.key, mode 0600, wrapped by the device, so that what reaches swap is of no
/// use without it. `folder` is empty where the system has none. unsupported unless it stands in
/// memory (tmpfs): on a disk the key would outlive the login.
Result<> keep_unlocked(const std::filesystem::path& folder, const VaultKeys& keys,
                       const crypto::KeyWrapper& device);

/// Nothing where there is none, or one of another vault or another key.
std::optional<VaultKeys> find_unlocked(const std::filesystem::path& folder, const VaultId& vault,
                                       std::uint64_t key_id, const crypto::KeyWrapper& device);

/// Whether there was one.
Result<bool> forget_unlocked(const std::filesystem::path& folder);

}  // namespace plmm::personal
