// A folder for what is of no use afterwards, gone with its object.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace plmm {

class TemporaryFolder {
 public:
  /// A new one that only this user can read, in the system's folder for such or in `parent`. io.
  static Result<TemporaryFolder> create();
  static Result<TemporaryFolder> create_in(const std::filesystem::path& parent);
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

}  // namespace plmm
