// Ed25519 by libsodium.
#include "crypto/sign.h"

#include <sodium.h>

#include "crypto/bytes.h"
#include "crypto/library_start.h"

namespace plmm::crypto {

static_assert(KeyPair::kSeedBytes == crypto_sign_ed25519_SEEDBYTES &&
              sizeof(PublicKey) == crypto_sign_ed25519_PUBLICKEYBYTES &&
              sizeof(Signature) == crypto_sign_ed25519_BYTES);

KeyPair KeyPair::from_seed(std::span<const std::byte, kSeedBytes> seed) {
  start_library();
  SecretBytes secret(crypto_sign_ed25519_SECRETKEYBYTES);
  PublicKey key;
  crypto_sign_ed25519_seed_keypair(raw(std::span<std::byte>(key.bytes)), raw(secret.writable()),
                                   raw(seed));
  return {std::move(secret), key};
}

Signature KeyPair::sign(std::span<const std::byte> message) const {
  Signature out;
  crypto_sign_ed25519_detached(raw(std::span<std::byte>(out.bytes)), nullptr, raw(message),
                               message.size(), raw(secret_.bytes()));
  return out;
}

bool verify(const PublicKey& key, std::span<const std::byte> message, const Signature& signature) {
  start_library();
  return crypto_sign_ed25519_verify_detached(raw(std::span<const std::byte>(signature.bytes)),
                                             raw(message), message.size(),
                                             raw(std::span<const std::byte>(key.bytes))) == 0;
}

}  // namespace plmm::crypto
