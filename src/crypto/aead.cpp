// XChaCha20-Poly1305 by libsodium.
#include "crypto/aead.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/bytes.h"
#include "crypto/library_start.h"
#include "crypto/random.h"

namespace plmm::crypto {

static_assert(kAeadKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
              kAeadNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
              kAeadTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

std::vector<std::byte> seal(const SecretBytes& key, std::span<const std::byte> plain,
                            AssociatedData associated) {
  CHECK(key.size() == kAeadKeyBytes);
  std::vector<std::byte> out(plain.size() + kSealOverheadBytes);
  const std::span<std::byte> nonce = std::span(out).first(kAeadNonceBytes);
  random_bytes(nonce);  // it starts the library too
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      raw(std::span(out).subspan(kAeadNonceBytes)), nullptr, raw(plain), plain.size(),
      raw(associated.bytes), associated.bytes.size(), nullptr, raw(nonce), raw(key.bytes()));
  return out;
}

Result<std::vector<std::byte>> open(const SecretBytes& key, std::span<const std::byte> sealed,
                                    AssociatedData associated) {
  start_library();
  CHECK(key.size() == kAeadKeyBytes);
  if (sealed.size() < kSealOverheadBytes) {
    return fail(ErrorCode::corrupt_data,
                "sealed data is cut short: " + std::to_string(sealed.size()) + " bytes, at least " +
                    std::to_string(kSealOverheadBytes) + " expected");
  }
  std::vector<std::byte> out(sealed.size() - kSealOverheadBytes);
  const auto box = sealed.subspan(kAeadNonceBytes);
  const int status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      raw(std::span(out)), nullptr, nullptr, raw(box), box.size(), raw(associated.bytes),
      associated.bytes.size(), raw(sealed), raw(key.bytes()));
  if (status != 0) {
    return fail(ErrorCode::corrupt_data,
                "sealed data was changed, moved here from elsewhere, or sealed with another key");
  }
  return out;
}

}  // namespace plmm::crypto
