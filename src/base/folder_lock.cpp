// flock on the folder itself: nothing is left behind that has to be cleaned up.
#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"

namespace plmm {
namespace {

Result<int> open_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno_error(folder));
  return fd;
}

}  // namespace

FolderLock::FolderLock(int fd, std::filesystem::path folder)
    : fd_(fd), folder_(std::move(folder)) {}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), folder_(std::move(other.folder_)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);  // and with it the lock goes
}

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const int fd = TRY(open_folder(folder));
  FolderLock lock(fd, folder);
  while (::flock(lock.fd_, LOCK_EX) != 0) {
    if (errno != EINTR) return std::unexpected(errno_error(folder));
  }
  return lock;
}

Result<std::optional<FolderLock>> FolderLock::attempt(const std::filesystem::path& folder) {
  const int fd = TRY(open_folder(folder));
  FolderLock lock(fd, folder);
  while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<FolderLock>();
    if (errno != EINTR) return std::unexpected(errno_error(folder));
  }
  return std::optional<FolderLock>(std::move(lock));
}

Result<> FolderLock::flush() const {
  if (::fsync(fd_) != 0) return std::unexpected(errno_error(folder_));
  return {};
}

}  // namespace plmm
