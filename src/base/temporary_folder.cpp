// Made by mkdtemp, so that two runs never meet.
#include "base/temporary_folder.h"

#include <cstdlib>
#include <string>

#include "base/file.h"

namespace plmm {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::create() { return create_in(fs::temp_directory_path()); }

Result<TemporaryFolder> TemporaryFolder::create_in(const fs::path& parent) {
  std::string name = (parent / "plmm-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return std::unexpected(errno_error(name));
  return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace plmm
