// GGUF output: metadata is encoded when it is added, tensor bytes pass through while writing.
#include "gguf/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "base/narrow.h"
#include "gguf/format.h"

namespace plmm::gguf {
namespace {

void put_type(std::string& out, ValueType type) {
  append_value(out, static_cast<std::uint32_t>(type));
}

void put_string(std::string& out, std::string_view text) {
  append_value(out, std::uint64_t{text.size()});
  out += text;
}

bool fits_f32(double x) {
  if (std::isnan(x) || std::isinf(x)) return true;
  if (std::fabs(x) > double{std::numeric_limits<float>::max()}) return false;
  return double{static_cast<float>(x)} == x;
}

/// Appends type and elements, as Narrow when `narrow_fits` every element, else as Wide.
template <class Narrow, class Wide>
void put_numbers(std::string& out, const std::vector<Wide>& values, ValueType narrow_type,
                 ValueType wide_type, bool narrow_fits) {
  put_type(out, ValueType::array);
  put_type(out, narrow_fits ? narrow_type : wide_type);
  append_value(out, std::uint64_t{values.size()});
  for (const Wide value : values) {
    if (narrow_fits) {
      append_value(out, static_cast<Narrow>(value));
    } else {
      append_value(out, value);
    }
  }
}

/// The stored form of a value: its type, then its bytes.
struct Encoder {
  std::string operator()(bool value) const {
    std::string out;
    put_type(out, ValueType::boolean);
    append_value(out, std::uint8_t{value});
    return out;
  }
  std::string operator()(std::int64_t value) const {
    std::string out;
    if (std::in_range<std::int32_t>(value)) {
      put_type(out, ValueType::i32);
      append_value(out, static_cast<std::int32_t>(value));
    } else {
      put_type(out, ValueType::i64);
      append_value(out, value);
    }
    return out;
  }
  std::string operator()(std::uint64_t value) const {
    std::string out;
    if (std::in_range<std::uint32_t>(value)) {
      put_type(out, ValueType::u32);
      append_value(out, static_cast<std::uint32_t>(value));
    } else {
      put_type(out, ValueType::u64);
      append_value(out, value);
    }
    return out;
  }
  std::string operator()(double value) const {
    std::string out;
    if (fits_f32(value)) {
      put_type(out, ValueType::f32);
      append_value(out, static_cast<float>(value));
    } else {
      put_type(out, ValueType::f64);
      append_value(out, value);
    }
    return out;
  }
  std::string operator()(std::string_view value) const {
    std::string out;
    put_type(out, ValueType::string);
    put_string(out, value);
    return out;
  }
  std::string operator()(const std::vector<bool>& values) const {
    std::string out;
    put_type(out, ValueType::array);
    put_type(out, ValueType::boolean);
    append_value(out, std::uint64_t{values.size()});
    for (const bool value : values) append_value(out, std::uint8_t{value});
    return out;
  }
  std::string operator()(const std::vector<std::int64_t>& values) const {
    std::string out;
    put_numbers<std::int32_t>(
        out, values, ValueType::i32, ValueType::i64,
        std::ranges::all_of(values, [](auto v) { return std::in_range<std::int32_t>(v); }));
    return out;
  }
  std::string operator()(const std::vector<double>& values) const {
    std::string out;
    put_numbers<float>(out, values, ValueType::f32, ValueType::f64,
                       std::ranges::all_of(values, fits_f32));
    return out;
  }
  std::string operator()(const std::vector<std::string_view>& values) const {
    std::string out;
    put_type(out, ValueType::array);
    put_type(out, ValueType::string);
    append_value(out, std::uint64_t{values.size()});
    for (const std::string_view value : values) put_string(out, value);
    return out;
  }
};

/// Whether strings and arrays of a value stay within what Reader accepts.
struct LimitCheck {
  template <class Scalar>
  bool operator()(const Scalar&) const {
    return true;
  }
  bool operator()(std::string_view value) const { return value.size() <= kStringBytesMax; }
  template <class T>
  bool operator()(const std::vector<T>& values) const {
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (!std::ranges::all_of(values, *this)) return false;
    }
    return values.size() <= kArrayMax;
  }
};

Result<> check_name(std::string_view name, std::uint64_t bytes_max, bool taken) {
  if (name.empty() || name.size() > bytes_max || !is_visible_ascii(name)) {
    return fail(ErrorCode::invalid_argument, "name " + escaped(name) + " is not 1 to " +
                                                 grouped(bytes_max) + " visible characters");
  }
  if (taken)
    return fail(ErrorCode::invalid_argument, "name " + escaped(name) + " is there already");
  return {};
}

std::uint64_t aligned(std::uint64_t n) {
  return (n + kAlignmentDefault - 1) / kAlignmentDefault * kAlignmentDefault;
}

/// Zero bytes from `position` to the next aligned one.
Result<> pad(const Sink& sink, std::uint64_t position) {
  static constexpr std::byte kZeros[kAlignmentDefault]{};
  const std::uint64_t n = aligned(position) - position;
  return n == 0 ? Result<>{} : sink(std::span(kZeros).first(n));
}

/// A new file beside `path`, removed again unless commit() renames it over `path`.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const std::filesystem::path& path) {
    std::string name = path.string() + ".tmp-XXXXXX";
    const int fd =
        ::mkostemp(name.data(), O_CLOEXEC);  // unique, so two writers at once do not meet
    if (fd < 0) return std::unexpected(errno_error(path));
    return TemporaryFile(fd, std::move(name), path);
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        name_(std::move(other.name_)),
        path_(std::move(other.path_)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(name_.c_str());
  }

  Result<> append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(errno_error(path_));
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }

  Result<> commit() {
    if (::fsync(fd_) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) {
      return std::unexpected(errno_error(path_));
    }
    ::close(std::exchange(fd_, -1));
    return {};
  }

 private:
  TemporaryFile(int fd, std::string name, std::filesystem::path path)
      : fd_(fd), name_(std::move(name)), path_(std::move(path)) {}
  int fd_;
  std::string name_;
  std::filesystem::path path_;
};

}  // namespace

Result<Writer> Writer::copy_of(const Reader& reader) {
  Writer out;
  for (const Entry& entry : reader.entries()) {
    if (entry.key != kAlignmentKey) TRY(out.add(entry.key, entry.value));
  }
  for (const TensorInfo& t : reader.tensors()) TRY(out.add_tensor(t.name, t.type, t.ne, t.data));
  return out;
}

Result<> Writer::add(std::string_view key, const Value& value) {
  TRY(check_name(key, kKeyBytesMax, entries_.contains(key)));
  if (key == kAlignmentKey) {
    return fail(ErrorCode::invalid_argument, "general.alignment is always the default, 32");
  }
  if (entries_.size() >= kEntriesMax || !std::visit(LimitCheck{}, value)) {
    return fail(ErrorCode::limit_exceeded,
                "metadata " + escaped(key) + " is more than a file holds");
  }
  entries_.emplace(key, std::visit(Encoder{}, value));
  return {};
}

Result<> Writer::add_tensor(std::string_view name, tensor::DType type,
                            std::span<const std::uint64_t> ne, std::span<const std::byte> data) {
  TRY(add_tensor(name, type, ne, [data](const Sink& sink) { return sink(data); }));
  const auto added = tensors_.find(name);
  if (added->second.size == data.size()) return {};
  const std::uint64_t size = added->second.size;
  tensors_.erase(added);
  return fail(ErrorCode::invalid_argument, "tensor " + escaped(name) + " takes " + grouped(size) +
                                               " bytes, " + grouped(data.size()) + " given");
}

Result<> Writer::add_tensor(std::string_view name, tensor::DType type,
                            std::span<const std::uint64_t> ne, Producer producer) {
  TRY(check_name(name, kTensorNameBytesMax, tensors_.contains(name)));
  if (tensors_.size() >= kTensorsMax) {
    return fail(ErrorCode::limit_exceeded, "tensor " + escaped(name) + " is one too many");
  }
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> n_elements = ne.empty() ? 0 : ne[0];
  if (!ne.empty() && ne.size() <= kDimsMax) size = tensor::bytes_of(type, ne[0]);
  for (std::size_t i = 1; i < ne.size() && size && n_elements; ++i) {
    size = checked_mul(*size, ne[i]);
    n_elements = checked_mul(*n_elements, ne[i]);
  }
  if (!size || !n_elements || *n_elements == 0 || *size > kTensorBytesMax) {
    return fail(ErrorCode::invalid_argument, "tensor " + escaped(name) + " has dimensions that " +
                                                 std::string(tensor::info(type).name) +
                                                 " cannot have");
  }
  tensors_.emplace(name, Tensor{type, {ne.begin(), ne.end()}, *size, std::move(producer)});
  return {};
}

/// Everything before the data section, without the padding.
std::string Writer::head() const {
  std::string out;
  append_value(out, kMagic);
  append_value(out, kVersion);
  append_value(out, std::uint64_t{tensors_.size()});
  append_value(out, std::uint64_t{entries_.size()});
  for (const auto& [key, stored] : entries_) {
    put_string(out, key);
    out += stored;
  }
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors_) {
    put_string(out, name);
    append_value(out, narrow<std::uint32_t>(tensor.ne.size()));
    for (const std::uint64_t n : tensor.ne) append_value(out, n);
    append_value(out, static_cast<std::uint32_t>(tensor.type));
    append_value(out, offset);
    offset = aligned(offset + tensor.size);
  }
  return out;
}

Result<> Writer::write(const Sink& sink) const {
  const std::string start = head();
  TRY(sink(std::as_bytes(std::span(start))));
  if (!tensors_.empty()) TRY(pad(sink, start.size()));
  for (const auto& [name, tensor] : tensors_) {
    std::uint64_t n_written = 0;
    const Sink counted = [&](std::span<const std::byte> bytes) {
      n_written += bytes.size();
      return sink(bytes);
    };
    TRY(tensor.producer(counted));
    if (n_written != tensor.size) {
      return fail(ErrorCode::invalid_argument, "tensor " + escaped(name) + " takes " +
                                                   grouped(tensor.size) + " bytes, " +
                                                   grouped(n_written) + " came");
    }
    TRY(pad(sink, n_written));
  }
  return {};
}

Result<> Writer::write(const std::filesystem::path& path) const {
  auto file = TRY(TemporaryFile::create(path));
  TRY(write([&](std::span<const std::byte> bytes) { return file.append(bytes); }));
  return file.commit();
}

}  // namespace plmm::gguf
