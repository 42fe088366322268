// Reads GGUF v2 and v3 files that may lie: every count, length, type and offset is checked before
// it is used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "tensor/dtype.h"

namespace plmm::gguf {

/// A metadata value. Integers of any width become i64 or u64, both float widths double; arrays keep
/// their kind (an array of integers is i64). Strings are views into the file, any bytes, not UTF-8.
using Value =
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, std::vector<bool>,
                 std::vector<std::int64_t>, std::vector<double>, std::vector<std::string_view>>;

struct Entry {
  std::string_view key;
  Value value;
};

/// One tensor: GGUF order of dimensions, ne[0] is the length of a row (n_in of a matrix), ne[1] the
/// rows (n_out).
struct TensorInfo {
  std::string_view name;
  tensor::DType type;
  std::vector<std::uint64_t> ne;    // 1 to 4 dimensions, each ≥ 1
  std::span<const std::byte> data;  // inside the mapped file, aligned to no more than the file says

  std::uint64_t n_rows() const;  // product of ne[1..]
};

/// An open file; views it hands out live as long as the Reader. Immutable after open, so any thread
/// may read it.
class Reader {
 public:
  /// Errors: not_found, io; corrupt_data, limit_exceeded (gguf/format.h) or unsupported, each with
  /// path, byte offset, cause and what to do. Memory used stays below 10 times the size of the
  /// metadata.
  static Result<Reader> open(const std::filesystem::path& path);
  /// The same on bytes in memory (tests, fuzzing). `name` stands for the path in errors; `bytes`
  /// must outlive the Reader.
  static Result<Reader> parse(std::span<const std::byte> bytes, std::string_view name);

  const std::string& name() const { return name_; }
  std::uint32_t version() const { return version_; }
  std::span<const Entry> entries() const { return entries_; }
  std::span<const TensorInfo> tensors() const { return tensors_; }
  std::uint64_t file_size() const { return size_; }

  const Value* find(std::string_view key) const;  // nullptr when absent
  const TensorInfo* tensor(std::string_view name) const;

  /// Typed look-ups. Absent key, other kind or a value outside [min, max] (NaN is outside):
  /// corrupt_data naming file and key. u64 also takes a signed value that is not negative.
  Result<std::uint64_t> u64(std::string_view key, std::uint64_t min, std::uint64_t max) const;
  Result<double> f64(std::string_view key, double min, double max) const;
  Result<std::string_view> string(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;

  /// The file's map, to hand back pages once they have been packed; nothing for parse().
  const MappedFile* map() const { return map_ ? &*map_ : nullptr; }

 private:
  Reader() = default;

  std::optional<MappedFile> map_;
  std::string name_;
  std::uint32_t version_ = 0;
  std::uint64_t size_ = 0;
  std::vector<Entry> entries_;       // sorted by key
  std::vector<TensorInfo> tensors_;  // sorted by name
};

}  // namespace plmm::gguf
