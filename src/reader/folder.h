// The files below a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace plmm::reader {

inline constexpr std::size_t kFilesMax = 1'000'000;  // below one folder
inline constexpr int kFolderDepthMax = 64;           // what is deeper is left out

/// What begins with a dot: settings and what programs keep for themselves.
enum class Hidden : std::uint8_t { read, skip };

struct FilesBelow {
  std::vector<std::filesystem::path> files;  // in the order of their paths
  std::uint64_t n_links = 0;                 // not followed
};

/// Folders that may not be opened are left out. io for the folder itself, limit_exceeded.
Result<FilesBelow> files_below(const std::filesystem::path& folder, Hidden hidden);

}  // namespace plmm::reader
