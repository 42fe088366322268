// XChaCha20-Poly1305 as ChaCha20-Poly1305 under a key that HChaCha20 makes of the first 16 bytes of
// the nonce (draft-irtf-cfrg-xchacha-03, section 2.3): OpenSSL has that for wider vectors.
#include "crypto/aead_large.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "crypto/aead.h"
#include "crypto/bytes.h"

namespace plmm::crypto {
namespace {

constexpr std::size_t kInnerNonceBytes = 12;  // four zeros, then the last eight of the outer one
constexpr std::size_t kHashedBytes = crypto_core_hchacha20_INPUTBYTES;
static_assert(kHashedBytes + 8 == kAeadNonceBytes);

using State = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// A started decryption, or null.
State start(const SecretBytes& key, std::span<const std::byte> nonce) {
  SecretBytes inner_key(crypto_core_hchacha20_OUTPUTBYTES);
  crypto_core_hchacha20(raw(inner_key.writable()), raw(nonce), raw(key.bytes()), nullptr);
  std::array<std::byte, kInnerNonceBytes> inner_nonce{};
  std::ranges::copy(nonce.subspan(kHashedBytes), inner_nonce.begin() + 4);
  State out(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (out != nullptr &&
      EVP_DecryptInit_ex(out.get(), EVP_chacha20_poly1305(), nullptr, raw(inner_key.bytes()),
                         raw(std::span<const std::byte>(inner_nonce))) != 1)
    out.reset();
  return out;
}

}  // namespace

std::optional<bool> open_large(const SecretBytes& key, std::span<const std::byte> sealed,
                               std::span<const std::byte> associated, std::span<std::byte> plain) {
  constexpr std::size_t kMost = std::numeric_limits<int>::max();  // what OpenSSL counts in
  if (plain.size() > kMost || associated.size() > kMost) return std::nullopt;
  const State state = start(key, sealed.first(kAeadNonceBytes));
  if (state == nullptr) return std::nullopt;
  const auto cipher = sealed.subspan(kAeadNonceBytes, plain.size());
  std::array<unsigned char, kAeadTagBytes> tag{};
  std::ranges::copy(sealed.last(kAeadTagBytes), std::as_writable_bytes(std::span(tag)).begin());
  int n = 0;
  const bool done =
      EVP_DecryptUpdate(state.get(), nullptr, &n, raw(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(state.get(), raw(plain), &n, raw(cipher), static_cast<int>(plain.size())) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1;
  if (!done) return std::nullopt;
  unsigned char rest[kAeadTagBytes];  // of a stream cipher nothing is left to write
  return EVP_DecryptFinal_ex(state.get(), rest, &n) == 1;
}

}  // namespace plmm::crypto
