// The device's own key, in a file that only its owner can read.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.h"
#include "crypto/secret.h"

namespace plmm::crypto {

inline constexpr std::size_t kDeviceKeyBytes = 32;

/// The key in `path`: 32 random bytes and nothing else, mode 0600. Where there is no file, makes
/// one that is on disk before this returns; of several programs that do so at once, all get the
/// same key. Refuses a file of another size (corrupt_data) and one that others may read or change
/// (invalid_argument). Whoever loses the file loses what was sealed with it.
Result<SecretBytes> load_or_create_key(const std::filesystem::path& path);

}  // namespace plmm::crypto
