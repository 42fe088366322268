// Hashes by libsodium; hex digits by hand.
#include "crypto/hash.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/bytes.h"
#include "crypto/library_start.h"

namespace plmm::crypto {

struct Sha256::State {
  crypto_hash_sha256_state sha;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  start_library();
  crypto_hash_sha256_init(&state_->sha);
}
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(&state_->sha, raw(bytes), bytes.size());
}

Digest Sha256::finish() {
  Digest out;
  crypto_hash_sha256_final(&state_->sha, raw(std::span<std::byte>(out)));
  crypto_hash_sha256_init(&state_->sha);
  return out;
}

Digest sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

struct KeyedHash::State {
  crypto_generichash_blake2b_state blake;
  ~State() { wipe(std::as_writable_bytes(std::span(&blake, 1))); }
};

KeyedHash::KeyedHash(const SecretBytes& key) : state_(std::make_unique<State>()) {
  start_library();
  CHECK(key.size() >= crypto_generichash_blake2b_KEYBYTES_MIN &&
        key.size() <= crypto_generichash_blake2b_KEYBYTES_MAX);
  crypto_generichash_blake2b_init(&state_->blake, raw(key.bytes()), key.size(),
                                  std::tuple_size_v<Digest>);
}
KeyedHash::KeyedHash(KeyedHash&& other) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&& other) noexcept = default;
KeyedHash::~KeyedHash() = default;

void KeyedHash::update(std::span<const std::byte> bytes) {
  crypto_generichash_blake2b_update(&state_->blake, raw(bytes), bytes.size());
}

Digest KeyedHash::finish() && {
  Digest out;
  crypto_generichash_blake2b_final(&state_->blake, raw(std::span<std::byte>(out)), out.size());
  return out;
}

Digest keyed_hash(const SecretBytes& key, std::span<const std::byte> bytes) {
  KeyedHash hash(key);
  hash.update(bytes);
  return std::move(hash).finish();
}

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    out += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    out += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return out;
}

namespace {

/// 0 to 15, or -1.
int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::vector<std::byte>> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return fail(ErrorCode::corrupt_data,
                "hex digits come in pairs, not " + std::to_string(hex.size()) + " of them");
  }
  std::vector<std::byte> out;
  out.reserve(hex.size() / 2);
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    const int high = hex_value(hex[at]);
    const int low = hex_value(hex[at + 1]);
    if (high < 0 || low < 0) {
      return fail(ErrorCode::corrupt_data,
                  "no pair of hex digits at character " + std::to_string(at));
    }
    out.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return out;
}

}  // namespace plmm::crypto
