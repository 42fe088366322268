// XChaCha20-Poly1305 by libsodium.
#include "crypto/aead.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/aead_large.h"
#include "crypto/bytes.h"
#include "crypto/library_start.h"
#include "crypto/random.h"

namespace plmm::crypto {

static_assert(kAeadKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
              kAeadNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
              kAeadTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

namespace {

// Of smaller boxes most of the time goes elsewhere.
constexpr std::size_t kLargeBytes = 1 << 14;

Result<> changed() {
  return fail(ErrorCode::corrupt_data,
              "sealed data was changed, moved here from elsewhere, or sealed with another key");
}

}  // namespace

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
  if (sealed.size() < kSealOverheadBytes) {
    return fail(ErrorCode::corrupt_data,
                "sealed data is cut short: " + std::to_string(sealed.size()) + " bytes, at least " +
                    std::to_string(kSealOverheadBytes) + " expected");
  }
  std::vector<std::byte> out(sealed.size() - kSealOverheadBytes);
  TRY(open_into(key, sealed, associated, out));
  return out;
}

Result<> open_into(const SecretBytes& key, std::span<const std::byte> sealed,
                   AssociatedData associated, std::span<std::byte> plain) {
  start_library();
  CHECK(key.size() == kAeadKeyBytes);
  CHECK(sealed.size() == plain.size() + kSealOverheadBytes);
  if (plain.size() >= kLargeBytes) {
    if (const auto opened = open_large(key, sealed, associated.bytes, plain))
      return *opened ? Result<>() : changed();
  }
  const auto box = sealed.subspan(kAeadNonceBytes);
  const int status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      raw(plain), nullptr, nullptr, raw(box), box.size(), raw(associated.bytes),
      associated.bytes.size(), raw(sealed), raw(key.bytes()));
  return status == 0 ? Result<>() : changed();
}

}  // namespace plmm::crypto
