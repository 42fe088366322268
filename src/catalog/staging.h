// The models folder: finished files, the unfinished ones in .partial-NAME, and the lock between two
// pulls.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "catalog/report.h"
#include "catalog/zip.h"

namespace plmm::catalog {

using Path = std::filesystem::path;

/// <models>/.partial-<name>: what a pull leaves behind when it is stopped, and continues from.
Path staging_folder(const Path& models, std::string_view name);

/// <models>/.source-<file>: the URL that a file pulled by URL came from, so that another one is not
/// taken for it.
Path source_record(const Path& models, std::string_view file);

/// Whether every file of the model is in `models` with its size.
bool holds(const ModelEntry& entry, const Path& models);
bool holds(const ModelFile& file, const Path& models);

/// Size of a file or of all files below a folder; 0 when there is nothing.
std::uint64_t bytes_below(const Path& path);
/// Size of a regular file; nothing when there is none.
std::optional<std::uint64_t> file_bytes(const Path& path);

/// Makes the folder and its parents, mode 0700. io names the folder and what stands in the way.
Result<> make_folder(const Path& folder);

/// io naming the folder and the missing bytes when less than `bytes` are free.
Result<> check_space(const Path& folder, std::uint64_t bytes);

/// Flushes `from` to disk and renames it to `to`: the name `to` holds the whole file or what it
/// held before.
Result<> publish(const Path& from, const Path& to);

/// An exclusive lock on one model between processes and threads; ends with the object or with the
/// process.
class Lock {
 public:
  /// Waits while another one holds it, telling stage "wait".
  static Result<Lock> acquire(const Path& models, std::string_view name, std::uint64_t total,
                              Reporter& reporter);
  /// io when another one holds it.
  static Result<Lock> try_acquire(const Path& models, std::string_view name);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&&) = delete;
  ~Lock();

 private:
  Lock(int fd, Path path) : fd_(fd), path_(std::move(path)) {}
  static Result<std::optional<Lock>> attempt(const Path& models, const Path& path);

  int fd_;
  Path path_;
};

/// A file that is read at any offset, and written at its end.
class StagedFile : public ByteSource {
 public:
  static Result<StagedFile> open_to_append(const Path& path);  // made when missing
  static Result<StagedFile> open_to_read(const Path& path);
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile() override;

  std::uint64_t size() const override { return bytes_; }
  Result<> read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  std::string_view label() const override { return label_; }

  Result<> append(std::span<const std::byte> bytes);
  /// Cuts the file to its first `bytes` bytes.
  Result<> cut(std::uint64_t bytes);

 private:
  StagedFile(int fd, const Path& path, std::uint64_t bytes)
      : fd_(fd), label_(path.string()), bytes_(bytes) {}
  static Result<StagedFile> open(const Path& path, int flags);

  int fd_;
  std::string label_;
  std::uint64_t bytes_;
};

}  // namespace plmm::catalog
