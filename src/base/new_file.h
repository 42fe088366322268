// A file of a known size that is filled in memory and gets its name when it is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/result.h"

namespace plmm {

/// Moves. Until publish(), and for good without it, nothing stands under the name; a program that
/// is killed leaves a file "NAME.new-…" behind, which remove_unfinished() clears away. Nothing is
/// flushed to disk: after a power cut the named file may hold anything, so its reader checks it.
class NewFile {
 public:
  /// `size_bytes` (at least 1) zeros that only the owner may read. io when the disk has no space.
  static Result<NewFile> create(const std::filesystem::path& path, std::uint64_t size_bytes);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&& other) noexcept;
  ~NewFile();

  std::span<std::byte> bytes() { return {data_, size_}; }
  /// Gives the file its name, in the place of one that is there. The bytes stay mapped, shared with
  /// every process that maps the file, and can no longer be written.
  Result<> publish();

 private:
  NewFile(std::filesystem::path path, std::filesystem::path temporary, std::byte* data,
          std::size_t size);
  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once published
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Removes what programs that were killed left of such files in a folder: those whose process is
/// gone.
void remove_unfinished(const std::filesystem::path& folder);

}  // namespace plmm
