// A folder that a measurement writes to, gone when it is over.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace plmm::bench {

class TemporaryFolder {
 public:
  /// A new one that only this user can read. io.
  static Result<TemporaryFolder> create();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace plmm::bench
