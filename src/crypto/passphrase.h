// A key from what a person remembers, made slow to guess.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "crypto/secret.h"

namespace plmm::crypto {

inline constexpr std::size_t kPassphraseBytesMin = 8;
inline constexpr std::size_t kPassphraseBytesMax = 1024;

/// What one guess costs whoever makes it, the owner too.
struct PassphraseCost {
  std::uint32_t memory_kib = 256 * 1024;
  std::uint32_t passes = 3;  // 0.7 s on one core of 2.5 GHz
  bool operator==(const PassphraseCost&) const = default;
};
/// Costs come from files, and a file that lies must not take all memory or a day.
inline constexpr std::uint32_t kMemoryKibMin = 8;
inline constexpr std::uint32_t kMemoryKibMax = 1024 * 1024;
inline constexpr std::uint32_t kPassesMax = 16;

using Salt = std::array<std::byte, 16>;

/// 32 bytes; the same input gives the same. limit_exceeded for a cost outside the limits above, io
/// when the memory is not there. Source: Argon2id 1.3, RFC 9106, one lane.
Result<SecretBytes> stretch(const SecretBytes& passphrase, const Salt& salt, PassphraseCost cost);

/// invalid_argument for a new passphrase that is too short or too long.
Result<> check_new_passphrase(const SecretBytes& passphrase);

}  // namespace plmm::crypto
