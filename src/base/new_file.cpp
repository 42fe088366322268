// New files: space first, then a shared map, then the name.
#include "base/new_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace plmm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".new-";  // then process id, '-', a number

/// Space for all of it, so that writing to the map cannot fail; then the map.
Result<std::byte*> map_new(int fd, const fs::path& path, std::uint64_t size_bytes) {
  if (const int code = ::posix_fallocate(fd, 0, static_cast<off_t>(size_bytes)); code != 0) {
    errno = code;
    return std::unexpected(errno_error(path));
  }
  void* data = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return std::unexpected(errno_error(path));
  return static_cast<std::byte*>(data);
}

/// The process that writes a file with such a name; 0 for other names.
int writer_of(std::string_view name) {
  const auto mark = name.rfind(kMark);
  if (mark == std::string_view::npos) return 0;
  const auto digits = name.substr(mark + kMark.size());
  int process = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  return read.ec == std::errc() && process > 0 ? process : 0;
}

}  // namespace

NewFile::NewFile(fs::path path, fs::path temporary, std::byte* data, std::size_t size)
    : path_(std::move(path)), temporary_(std::move(temporary)), data_(data), size_(size) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

NewFile& NewFile::operator=(NewFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

NewFile::~NewFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<NewFile> NewFile::create(const fs::path& path, std::uint64_t size_bytes) {
  CHECK(size_bytes > 0);
  static std::atomic<int> n_created{0};  // two threads may write the same name
  fs::path temporary = path;
  temporary += std::string(kMark) + std::to_string(::getpid()) + "-" + std::to_string(n_created++);
  const int fd =
      ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return std::unexpected(errno_error(temporary));
  auto data = map_new(fd, temporary, size_bytes);
  ::close(fd);
  if (!data) {
    ::unlink(temporary.c_str());
    return std::unexpected(std::move(data).error());
  }
  return NewFile(path, std::move(temporary), *data, static_cast<std::size_t>(size_bytes));
}

Result<> NewFile::publish() {
  CHECK(!temporary_.empty());
  if (::mprotect(data_, size_, PROT_READ) != 0 ||
      ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return std::unexpected(errno_error(path_));
  }
  temporary_.clear();
  return {};
}

void remove_unfinished(const fs::path& folder) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const int process = writer_of(entry.path().filename().string());
    if (process == 0 || process == ::getpid()) continue;
    if (::kill(process, 0) != 0 && errno == ESRCH) fs::remove(entry.path(), failed);
  }
}

}  // namespace plmm
