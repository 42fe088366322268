// Whole files: mapped read-only, read with a limit, written so that a crash leaves the old or the
// new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plmm {

/// A read-only memory map of a regular file. Moves; unmaps when destroyed. An empty file has an
/// empty span.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  /// Tells the kernel that pages [offset, offset + size) are not needed soon; they can be read
  /// again.
  void release(std::size_t offset, std::size_t size) const;

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The file's bytes, or limit_exceeded when it is larger than `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max);

/// Writes a temporary file beside `path`, flushes it to disk, then renames: readers see the old
/// file or the new one.
Result<> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Makes the bytes of a file that is there last through a power cut.
Result<> flush_file(const std::filesystem::path& path);

/// Makes the folder and those above it where there is none, so that only its owner can look into
/// it; one that is there stays as it is.
Result<> make_private_folder(const std::filesystem::path& folder);

/// "path: No such file or directory" from the current errno, as io or not_found.
Error errno_error(const std::filesystem::path& path);

}  // namespace plmm
