// Who holds a key for its owner: a secret of the device, what a person remembers, or a phone's
// keystore.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/passphrase.h"
#include "crypto/secret.h"

namespace plmm::crypto {

/// Seals other keys and opens them again, and never hands out its own: what Android's Keystore and
/// Apple's Keychain do too. One thread at a time. What is wrapped says all that opening it takes,
/// but the secret.
class KeyWrapper {
 public:
  virtual ~KeyWrapper() = default;

  /// `bound_to`: where the wrapped key belongs; the same again for unwrap().
  virtual Result<std::vector<std::byte>> wrap(std::span<const std::byte> plain,
                                              AssociatedData bound_to) const = 0;
  /// corrupt_data when it was changed, moved or wrapped by another device; invalid_argument for a
  /// wrong passphrase.
  virtual Result<SecretBytes> unwrap(std::span<const std::byte> wrapped,
                                     AssociatedData bound_to) const = 0;
};

/// By a secret of 32 bytes, such as the device's key.
class DeviceWrapper final : public KeyWrapper {
 public:
  explicit DeviceWrapper(const SecretBytes& device_key);
  Result<std::vector<std::byte>> wrap(std::span<const std::byte> plain,
                                      AssociatedData bound_to) const override;
  Result<SecretBytes> unwrap(std::span<const std::byte> wrapped,
                             AssociatedData bound_to) const override;

 private:
  SecretBytes key_;
};

/// By a passphrase: memory_kib:u32 passes:u32 salt[16] box. The salt is new each time. A wrong
/// passphrase costs as much time as the right one.
class PassphraseWrapper final : public KeyWrapper {
 public:
  explicit PassphraseWrapper(SecretBytes passphrase, PassphraseCost cost = {})
      : passphrase_(std::move(passphrase)), cost_(cost) {}
  Result<std::vector<std::byte>> wrap(std::span<const std::byte> plain,
                                      AssociatedData bound_to) const override;
  Result<SecretBytes> unwrap(std::span<const std::byte> wrapped,
                             AssociatedData bound_to) const override;

 private:
  SecretBytes passphrase_;
  PassphraseCost cost_;  // of what is wrapped; what is unwrapped says its own
};

}  // namespace plmm::crypto
