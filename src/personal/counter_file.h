// How old the vault is, kept beside the device's key: what an older copy of the database cannot
// bring back with it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "personal/vault_state.h"

namespace plmm::personal {

struct Counter {
  VaultId vault{};
  std::uint64_t value = 0;
  crypto::Digest state{};  // keyed digest of the state that had this age
  bool operator==(const Counter&) const = default;
};

/// not_found where there is no file; corrupt_data when it is damaged or was not made with `key`.
Result<Counter> read_counter(const std::filesystem::path& path, const crypto::SecretBytes& key);

enum class Raise : std::uint8_t {
  if_higher,  // a file of the same vault with a higher value stays: another process was faster
  always,
};
/// Puts the counter on disk. Safe between processes.
Result<> raise_counter(const std::filesystem::path& path, const Counter& counter,
                       const crypto::SecretBytes& key, Raise raise);

}  // namespace plmm::personal
