// The keys of a vault: one random root key, wrapped by what its owner has, and what is sealed under
// the keys made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/secret.h"
#include "personal/counter_file.h"
#include "personal/vault_state.h"
#include "store/database.h"

namespace plmm::personal {

/// What it takes to open the root key; the numbers stand in the file.
enum class Layers : std::uint8_t {
  device = 1,
  device_and_passphrase = 3,  // the passphrase's box inside the device's: guessing needs the device
};

/// Where a record is: what its box is bound to, beside the vault and the key.
struct RecordPlace {
  Area area = Area::profile;
  std::int64_t id = 0;
  std::uint64_t version = 0;
};

class VaultKeys {
 public:
  static constexpr std::size_t kSecretBytes = 64;  // the root key, and the counter's key

  /// New random secrets; the counter's key stays that of `before`, where there is one, because the
  /// counter is written after the vault.
  static crypto::SecretBytes generate(const VaultKeys* before);
  /// What a vault of format 1 has: the device's key in place of a root key, as key 0.
  static VaultKeys of_device(const crypto::SecretBytes& device_key, const VaultId& vault);
  VaultKeys(crypto::SecretBytes secrets, std::uint64_t id, const VaultId& vault);

  std::uint64_t id() const { return id_; }
  const VaultId& vault() const { return vault_; }
  const crypto::SecretBytes& secrets() const { return secrets_; }
  const crypto::SecretBytes& counter() const { return counter_; }

  std::vector<std::byte> seal(const RecordPlace& place, std::string_view content) const;
  /// corrupt_data unless the box was sealed for this place.
  Result<std::string> open(const RecordPlace& place, std::span<const std::byte> sealed) const;
  /// What the record adds to its area's sum.
  crypto::Digest digest(const RecordPlace& place, std::span<const std::byte> sealed) const;

  std::vector<std::byte> seal(const VaultState& state) const;
  Result<VaultState> open_state(std::uint64_t counter, std::span<const std::byte> sealed) const;
  Counter counter_of(const VaultState& state) const;

 private:
  crypto::SecretBytes derive(std::string_view use) const;
  std::string place_of(const RecordPlace& place) const;
  std::string place_of_state(std::uint64_t counter) const;

  crypto::SecretBytes secrets_;
  std::uint64_t id_;
  VaultId vault_;
  crypto::SecretBytes seal_;
  crypto::SecretBytes sum_;
  crypto::SecretBytes counter_;
};

/// The row of table `key`.
struct WrappedKey {
  std::uint64_t id = 0;
  Layers layers = Layers::device;
  std::vector<std::byte> wrapped;
};
/// Nothing in a vault of format 1. corrupt_data, unsupported for layers of a newer program.
Result<std::optional<WrappedKey>> read_wrapped_key(store::Database& database);
/// In the place of the one that was there.
Result<> write_wrapped_key(store::Database& database, const WrappedKey& key);

/// `passphrase` may be null.
Result<WrappedKey> wrap_keys(const VaultKeys& keys, const crypto::KeyWrapper& device,
                             const crypto::KeyWrapper* passphrase);
/// invalid_argument for a wrong passphrase, corrupt_data for another device's key. Needs: a
/// passphrase where the layers have one.
Result<VaultKeys> unwrap_keys(const WrappedKey& key, const VaultId& vault,
                              const crypto::KeyWrapper& device,
                              const crypto::KeyWrapper* passphrase);

}  // namespace plmm::personal
