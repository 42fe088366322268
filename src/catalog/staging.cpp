// POSIX files, folders and flock for pulls.
#include "catalog/staging.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/narrow.h"
#include "catalog/entry_json.h"

namespace plmm::catalog {
namespace {

std::unexpected<Error> not_writable(const Path& folder, int code) {
  return fail(ErrorCode::io, folder.string() + ": cannot write here (" + std::strerror(code) +
                                 "). Mend its permissions or choose another models folder");
}

Result<> sync_path(const Path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno_error(path));
  const int status = ::fsync(fd);
  auto error = errno_error(path);
  ::close(fd);
  if (status != 0) return std::unexpected(std::move(error));
  return {};
}

}  // namespace

Path staging_folder(const Path& models, std::string_view name) {
  return models / (".partial-" + std::string(name));
}

Path source_record(const Path& models, std::string_view file) {
  return models / (".source-" + std::string(file));
}

bool holds(const ModelFile& file, const Path& models) {
  return file_bytes(models / file.file) == file.bytes;
}

bool holds(const ModelEntry& entry, const Path& models) {
  return std::ranges::all_of(files_of(entry),
                             [&](const ModelFile& file) { return holds(file, models); });
}

std::optional<std::uint64_t> file_bytes(const Path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

std::uint64_t bytes_below(const Path& path) {
  std::uint64_t total = file_bytes(path).value_or(0);
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(path, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    total += file_bytes(at->path()).value_or(0);
  }
  return total;
}

Result<> make_folder(const Path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  if (std::filesystem::exists(folder, error)) {
    return fail(ErrorCode::io, folder.string() + ": is a file, not a folder");
  }
  if (folder.has_parent_path() && folder.parent_path() != folder) {
    TRY(make_folder(folder.parent_path()));
  }
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return not_writable(folder.parent_path(), errno);
}

Result<> check_space(const Path& folder, std::uint64_t bytes) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return std::unexpected(errno_error(folder));
  const std::uint64_t free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  if (free_bytes >= bytes) return {};
  const std::uint64_t missing = bytes - free_bytes;
  return fail(ErrorCode::io, folder.string() + ": no space left: " + std::to_string(missing) +
                                 " bytes are missing (" + std::to_string(missing / 1'000'000 + 1) +
                                 " MB). Make room, or choose another models folder");
}

Result<> publish(const Path& from, const Path& to) {
  TRY(sync_path(from, O_RDONLY));
  if (::rename(from.c_str(), to.c_str()) != 0) return std::unexpected(errno_error(to));
  return sync_path(to.parent_path(), O_RDONLY | O_DIRECTORY);
}

/// The lock, or nothing while another one holds it.
Result<std::optional<Lock>> Lock::attempt(const Path& models, const Path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return not_writable(models, errno);
  Lock lock(fd, {});  // without a path: what is not locked is not unlinked
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK || errno == EINTR) return std::optional<Lock>();
    return not_writable(models, errno);
  }
  // The one before us may have removed the file that we had opened: then this lock is not the
  // model's any more.
  struct stat ours{};
  struct stat current{};
  const bool same = ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &current) == 0 &&
                    ours.st_ino == current.st_ino && ours.st_dev == current.st_dev;
  if (!same) return std::optional<Lock>();
  lock.path_ = path;
  return std::optional<Lock>(std::move(lock));
}

Result<Lock> Lock::acquire(const Path& models, std::string_view name, std::uint64_t total,
                           Reporter& reporter) {
  const Path path = models / (".lock-" + std::string(name));
  for (;;) {
    if (auto lock = TRY(attempt(models, path))) return *std::move(lock);
    TRY(reporter.wait("wait", 0, total));
  }
}

Result<Lock> Lock::try_acquire(const Path& models, std::string_view name) {
  if (auto lock = TRY(attempt(models, models / (".lock-" + std::string(name))))) {
    return *std::move(lock);
  }
  return fail(ErrorCode::io, "a pull of '" + std::string(name) + "' is running; stop it first");
}

Lock::Lock(Lock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {
  other.path_.clear();
}

Lock::~Lock() {
  if (fd_ < 0) return;
  if (!path_.empty())
    ::unlink(path_.c_str());  // before the lock ends, so that nobody else's file goes
  ::close(fd_);
}

Result<StagedFile> StagedFile::open(const Path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return std::unexpected(errno_error(path));
  StagedFile file(fd, path, 0);
  struct stat info{};
  if (::fstat(fd, &info) != 0) return std::unexpected(errno_error(path));
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, path.string() + ": not a regular file");
  file.bytes_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

Result<StagedFile> StagedFile::open_to_append(const Path& path) {
  return open(path, O_RDWR | O_CREAT);
}

Result<StagedFile> StagedFile::open_to_read(const Path& path) {
  return open(path, O_RDONLY | O_NONBLOCK);  // a pipe of that name must not hold us
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), label_(std::move(other.label_)), bytes_(other.bytes_) {}

StagedFile::~StagedFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<> StagedFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd_, out.data(), out.size(), narrow<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(errno_error(label_));
    if (n == 0) return fail(ErrorCode::io, label_ + ": became shorter while it was read");
    out = out.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<> StagedFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), narrow<off_t>(bytes_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(errno_error(label_));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    bytes_ += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<> StagedFile::cut(std::uint64_t bytes) {
  if (::ftruncate(fd_, narrow<off_t>(bytes)) != 0) return std::unexpected(errno_error(label_));
  bytes_ = bytes;
  return {};
}

}  // namespace plmm::catalog
