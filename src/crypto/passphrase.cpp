// Argon2id by libsodium.
#include "crypto/passphrase.h"

#include <sodium.h>

#include "crypto/aead.h"
#include "crypto/bytes.h"
#include "crypto/library_start.h"

namespace plmm::crypto {

static_assert(std::tuple_size_v<Salt> == crypto_pwhash_argon2id_SALTBYTES);

Result<SecretBytes> stretch(const SecretBytes& passphrase, const Salt& salt, PassphraseCost cost) {
  start_library();
  if (cost.memory_kib < kMemoryKibMin || cost.memory_kib > kMemoryKibMax || cost.passes < 1 ||
      cost.passes > kPassesMax) {
    return fail(ErrorCode::limit_exceeded, "a passphrase that takes " +
                                               std::to_string(cost.memory_kib) + " KiB and " +
                                               std::to_string(cost.passes) + " passes; at most " +
                                               std::to_string(kMemoryKibMax) + " KiB and " +
                                               std::to_string(kPassesMax) + " are accepted");
  }
  SecretBytes out(kAeadKeyBytes);
  const int status = crypto_pwhash_argon2id(
      raw(out.writable()), out.size(), reinterpret_cast<const char*>(passphrase.bytes().data()),
      passphrase.size(), raw(std::span<const std::byte>(salt)), cost.passes,
      std::size_t{cost.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (status != 0) {
    return fail(ErrorCode::io, "not enough memory to check a passphrase: " +
                                   std::to_string(cost.memory_kib / 1024) +
                                   " MiB are needed. Next: close other programs");
  }
  return out;
}

Result<> check_new_passphrase(const SecretBytes& passphrase) {
  if (passphrase.size() >= kPassphraseBytesMin && passphrase.size() <= kPassphraseBytesMax)
    return {};
  return fail(ErrorCode::invalid_argument,
              "a passphrase has " + std::to_string(kPassphraseBytesMin) + " to " +
                  std::to_string(kPassphraseBytesMax) + " bytes; several words are best");
}

}  // namespace plmm::crypto
