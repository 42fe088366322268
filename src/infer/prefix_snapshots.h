// Key-value states of token prefixes on disk, sealed; docs/formats/prefix.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "crypto/secret.h"
#include "text/tokenizer.h"

namespace plmm::infer {

/// What a snapshot says of itself, once opened.
struct SnapshotHead {
  Checksum fingerprint{};         // of all that its states depend on besides the tokens
  std::uint64_t block_bytes = 0;  // of one state
  std::vector<text::TokenId> tokens;
};

inline constexpr std::size_t kSnapshotTokensMax = 1 << 20;
inline constexpr std::uint64_t kSnapshotBlockBytesMax = 1 << 28;

/// The head's bytes before they are sealed, and back. corrupt_data or limit_exceeded.
std::string encode(const SnapshotHead& head);
Result<SnapshotHead> parse_snapshot_head(std::span<const std::byte> plain);
/// Opens the head of a whole file, and checks that the file is as long as the head says.
Result<SnapshotHead> open_snapshot_head(std::span<const std::byte> file,
                                        const crypto::SecretBytes& key);

struct SnapshotLimits {
  int n_files_max = 16;
  std::uint64_t bytes_max = std::uint64_t{1} << 30;  // of all files of the folder
};

/// The snapshots of one model in a folder that several models, and several processes, may share. A
/// file that does not open, for whatever reason, is removed: a state is used whole and authentic,
/// behind exactly its tokens, or not at all. One thread at a time.
class PrefixSnapshots {
 public:
  using Tokens = std::span<const text::TokenId>;
  /// Called on several threads at once, for different blocks.
  using OnBlock = std::function<void(int block, std::span<const std::byte> state)>;
  using FillBlock = std::function<void(int block, std::span<std::byte> state)>;

  /// Makes the folder and its salt where there are none. A snapshot opens with this device's key
  /// and the folder's salt only. io, not_found.
  static Result<PrefixSnapshots> open(const std::filesystem::path& folder,
                                      const crypto::SecretBytes& device_key,
                                      const Checksum& fingerprint, std::size_t block_bytes,
                                      const SnapshotLimits& limits = {});

  /// How many leading tokens the best snapshot has.
  std::size_t match(Tokens tokens) const;
  /// Hands over its states from first_block on. The tokens they stand for: match(), or 0 when the
  /// snapshot turned out to be damaged; then what was handed over is not to be used.
  std::size_t read(Tokens tokens, int first_block, ThreadPool& pool, const OnBlock& on_block);
  /// Keeps the whole blocks of the tokens; nothing to do where they are known. The snapshots that
  /// were not used for the longest time go when there are too many. cancelled when the folder was
  /// forgotten meanwhile; io.
  Result<> add(Tokens tokens, ThreadPool& pool, const FillBlock& fill);

 private:
  struct Known {
    std::filesystem::path path;
    std::vector<text::TokenId> tokens;
  };
  PrefixSnapshots(std::filesystem::path folder, std::string salt, crypto::SecretBytes key,
                  const Checksum& fingerprint, std::size_t block_bytes,
                  const SnapshotLimits& limits);
  void find_known();
  std::string group() const;
  const Known* best(Tokens tokens, std::size_t& n) const;
  void drop(const Known& known);
  Result<> write(const std::filesystem::path& path, const SnapshotHead& head, ThreadPool& pool,
                 const FillBlock& fill);

  std::filesystem::path folder_;
  std::string salt_;
  crypto::SecretBytes key_;
  Checksum fingerprint_;
  std::size_t block_bytes_;
  SnapshotLimits limits_;
  std::vector<Known> known_;
};

/// Removes all snapshots of a folder and its salt, so that no trace of them opens any more, and no
/// other process adds one that it has in memory. Nothing to do where there is no folder.
Result<> forget_snapshots(const std::filesystem::path& folder);

struct SnapshotSizes {
  int n_files = 0;
  std::uint64_t bytes = 0;
};
SnapshotSizes snapshot_sizes(const std::filesystem::path& folder);

}  // namespace plmm::infer
