// Ed25519 signatures.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "crypto/secret.h"

namespace plmm::crypto {

struct PublicKey {
  std::array<std::byte, 32> bytes;
  bool operator==(const PublicKey&) const = default;
};
struct Signature {
  std::array<std::byte, 64> bytes;
  bool operator==(const Signature&) const = default;
};

/// A signing key. The seed is the secret: the same seed makes the same pair. Source: RFC 8032.
class KeyPair {
 public:
  static constexpr std::size_t kSeedBytes = 32;
  static KeyPair from_seed(std::span<const std::byte, kSeedBytes> seed);

  const PublicKey& public_key() const { return public_; }
  /// The same bytes get the same signature.
  Signature sign(std::span<const std::byte> message) const;

 private:
  KeyPair(SecretBytes secret, const PublicKey& key) : secret_(std::move(secret)), public_(key) {}
  SecretBytes secret_;
  PublicKey public_;
};

/// Whether the owner of `key` signed exactly these bytes.
bool verify(const PublicKey& key, std::span<const std::byte> message, const Signature& signature);

}  // namespace plmm::crypto
