// Packed weights in a file beside the cache, mapped by the next load; docs/formats/packed.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/file.h"
#include "base/thread_pool.h"
#include "kernel/packed_matrix.h"

namespace plmm::model {

/// Raised by every change of what pack_panels() writes or where it goes: files of before are then
/// written anew. packed_file_test.cpp holds the bits.
inline constexpr std::uint32_t kPackedVersion = 1;

/// What a file must begin with to be of use: magic, version, the model's identity, the layout of
/// its matrices; all but the checksum of what follows. Nothing is read out of a file that is not
/// exactly as expected.
class PackedPlan {
 public:
  /// Matrices with shape and layout, without data; they lie in the file in this order.
  PackedPlan(const Checksum& model, std::span<const kernel::PackedMatrix* const> matrices);

  std::uint64_t file_bytes() const { return kHeaderBytes + body_bytes_; }
  /// Where matrix i begins in the file.
  std::size_t offset(std::size_t i) const { return offsets_[i]; }
  /// Writes the header in front of a body that is complete.
  void seal(std::span<std::byte> file, ThreadPool& pool) const;
  /// Whether this is such a file, each byte of it as it was written.
  bool holds(std::span<const std::byte> file, ThreadPool& pool) const;

 private:
  static constexpr std::size_t kHeaderBytes = 4096;  // a page: panels begin on one
  std::vector<std::byte> header(const Checksum& body) const;

  std::string identity_;
  std::uint64_t body_bytes_ = 0;
  std::vector<std::size_t> offsets_;
};

/// The file of a model in a folder of such files.
std::filesystem::path packed_file(const std::filesystem::path& folder,
                                  const std::filesystem::path& model);

/// The file's map, if it holds what the plan says and nobody else may change it; else nothing, and
/// the file is of no more use. Its pages are shared with every process that maps it.
std::optional<MappedFile> open_packed(const std::filesystem::path& path, const PackedPlan& plan,
                                      ThreadPool& pool);

struct PackedSizes {
  int n_files = 0;
  std::uint64_t bytes = 0;
};
PackedSizes packed_sizes(const std::filesystem::path& folder);
/// Lets the files that were not used for the longest time go, until one more of `bytes` may come.
/// False where it would take most of what is free on that disk.
bool make_room_for_packed(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace plmm::model
