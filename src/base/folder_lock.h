// A lock on a folder that holds between processes and ends with its process.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace plmm {

/// While it lives, nobody else has the lock of the folder: no other process, and no other
/// FolderLock of this one.
class FolderLock {
 public:
  /// Waits for it. not_found or io when the folder cannot be opened.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  /// Nothing while somebody else has it.
  static Result<std::optional<FolderLock>> attempt(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  /// Makes new names in the folder last through a power cut.
  Result<> flush() const;

 private:
  FolderLock(int fd, std::filesystem::path folder);
  int fd_;
  std::filesystem::path folder_;
};

}  // namespace plmm
