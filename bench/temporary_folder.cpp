// Made by mkdtemp, so that two measurements never meet.
#include "bench/temporary_folder.h"

#include <cstdlib>
#include <string>

#include "base/file.h"

namespace plmm::bench {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::create() {
  std::string name = (fs::temp_directory_path() / "plmm-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return std::unexpected(errno_error(name));
  return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace plmm::bench
