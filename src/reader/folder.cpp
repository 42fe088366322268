// Walks a folder; see folder.h.
#include "reader/folder.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace plmm::reader {

namespace fs = std::filesystem;

Result<FilesBelow> files_below(const fs::path& folder, Hidden hidden) {
  FilesBelow out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error) return fail(ErrorCode::io, folder.string() + ": " + error.message());
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) return fail(ErrorCode::io, folder.string() + ": " + error.message());
    if (at.depth() >= kFolderDepthMax) at.disable_recursion_pending();
    if (hidden == Hidden::skip && at->path().filename().string().starts_with('.')) {
      at.disable_recursion_pending();
    } else if (at->is_symlink(error)) {
      ++out.n_links;
    } else if (at->is_regular_file(error)) {
      out.files.push_back(at->path());
    }
    if (out.files.size() > kFilesMax) {
      return fail(ErrorCode::limit_exceeded,
                  folder.string() + ": more than " + std::to_string(kFilesMax) + " files");
    }
  }
  std::ranges::sort(out.files);
  return out;
}

}  // namespace plmm::reader
