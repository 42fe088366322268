// A vault in one encrypted file under a passphrase, for another machine or a safe place;
// docs/formats/archive.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "crypto/key_wrapper.h"
#include "personal/vault.h"

namespace plmm::personal {

inline constexpr std::uint64_t kArchiveRecordsMax = 1'000'000;

/// The records of an archive, one by one, each authentic and in its place.
class ArchiveReader {
 public:
  struct Entry {
    Area area = Area::profile;
    std::int64_t id = 0;
    std::string content;
  };

  /// `bytes` outlive it. invalid_argument: a wrong passphrase; corrupt_data, unsupported.
  static Result<ArchiveReader> open(std::span<const std::byte> bytes,
                                    const crypto::KeyWrapper& passphrase);

  /// Nothing behind the last one; corrupt_data where the archive is cut, changed or reordered.
  Result<std::optional<Entry>> next();

 private:
  ArchiveReader(crypto::SecretBytes key, std::span<const std::byte> frames)
      : key_(std::move(key)), rest_(frames) {}

  crypto::SecretBytes key_;
  std::span<const std::byte> rest_;
  std::uint64_t n_read_ = 0;
};

/// How many records of which areas an archive has.
using ArchiveCounts = std::array<std::uint64_t, kAreas.size()>;

/// Writes all records to `path`, reads the file again and compares the counts. invalid_argument
/// where something has the name.
Result<ArchiveCounts> export_vault(Vault& vault, const std::filesystem::path& path,
                                   const crypto::KeyWrapper& passphrase);

enum class Import : std::uint8_t {
  into_empty,   // invalid_argument where the vault has a record
  replace_all,  // what is in the vault goes
};
/// All of the archive or nothing, the same ids.
Result<ArchiveCounts> import_vault(Vault& vault, const std::filesystem::path& path,
                                   const crypto::KeyWrapper& passphrase, Import how);

}  // namespace plmm::personal
