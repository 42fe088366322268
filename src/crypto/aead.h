// Sealing bytes so that only the key's owner can read them and nobody can change them unseen.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace plmm::crypto {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 24;
inline constexpr std::size_t kAeadTagBytes = 16;
inline constexpr std::size_t kSealOverheadBytes = kAeadNonceBytes + kAeadTagBytes;

/// Bytes that are not in the box but must be the same when it is opened: where it belongs.
struct AssociatedData {
  std::span<const std::byte> bytes;
};

/// nonce [24] · ciphertext [as long as `plain`] · tag [16]. The nonce is random: with 24 bytes no
/// two boxes of one key share it. Needs: a key of 32 bytes.
/// Source: XChaCha20-Poly1305-IETF, draft-irtf-cfrg-xchacha-03.
std::vector<std::byte> seal(const SecretBytes& key, std::span<const std::byte> plain,
                            AssociatedData associated);

/// What was sealed; corrupt_data when one bit of box, associated data or key differs. Needs: a key
/// of 32 bytes. The caller wipes what it gets, if that is a key.
Result<std::vector<std::byte>> open(const SecretBytes& key, std::span<const std::byte> sealed,
                                    AssociatedData associated);

/// The same into the caller's bytes, sealed.size() - kSealOverheadBytes of them (CHECK). On an
/// error what is in them is not to be used.
Result<> open_into(const SecretBytes& key, std::span<const std::byte> sealed,
                   AssociatedData associated, std::span<std::byte> plain);

}  // namespace plmm::crypto
