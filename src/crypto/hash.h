// SHA-256, keyed BLAKE2b-256, and bytes as hex digits.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace plmm::crypto {

using Digest = std::array<std::byte, 32>;

/// SHA-256 of bytes that arrive in pieces. Source: FIPS 180-4.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;
  ~Sha256();

  void update(std::span<const std::byte> bytes);
  /// The digest of all bytes so far; the object starts anew.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Digest sha256(std::span<const std::byte> bytes);

/// BLAKE2b-256 under a key, of bytes that arrive in pieces: whoever lacks the key can neither make
/// nor guess a digest. Needs: a key of 16 to 64 bytes. Source: RFC 7693.
class KeyedHash {
 public:
  explicit KeyedHash(const SecretBytes& key);
  KeyedHash(KeyedHash&& other) noexcept;
  KeyedHash& operator=(KeyedHash&& other) noexcept;
  ~KeyedHash();

  void update(std::span<const std::byte> bytes);
  /// The digest of all bytes so far; the object is then of no more use.
  Digest finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Digest keyed_hash(const SecretBytes& key, std::span<const std::byte> bytes);

/// Lower-case hex digits, two for each byte.
std::string to_hex(std::span<const std::byte> bytes);
/// The bytes; corrupt_data unless all of `hex` is pairs of hex digits (either case).
Result<std::vector<std::byte>> from_hex(std::string_view hex);

}  // namespace plmm::crypto
