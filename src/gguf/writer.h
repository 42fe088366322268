// Writes GGUF v3 files: the same content gives the same bytes, and a crash leaves the old file or
// the new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gguf/reader.h"
#include "tensor/dtype.h"

namespace plmm::gguf {

/// Takes the next bytes of a stream.
using Sink = std::function<Result<>(std::span<const std::byte>)>;
/// Hands a tensor's bytes to `sink`, in one call or many. Called once for each write.
using Producer = std::function<Result<>(const Sink& sink)>;

/// Collects metadata and tensors, then writes them: metadata in the order of keys, tensors in the
/// order of names, alignment 32. Accepts only what Reader accepts, so a written file can be read.
class Writer {
 public:
  /// A file of the same content. `reader` must outlive the Writer. A stated alignment is dropped
  /// (ours is the default).
  static Result<Writer> copy_of(const Reader& reader);

  /// Metadata. Integers take 32 bits when they fit and 64 otherwise, floats 32 bits when that is
  /// exact: what other programs expect of the usual keys. The value is copied. Errors:
  /// invalid_argument for a bad or repeated key or general.alignment; limit_exceeded.
  Result<> add(std::string_view key, const Value& value);

  /// A tensor of ne[0] × … × ne[3] elements. `data` must outlive the Writer.
  /// Errors: invalid_argument for a bad or repeated name, bad dimensions or a size that does not
  /// fit them.
  Result<> add_tensor(std::string_view name, tensor::DType type, std::span<const std::uint64_t> ne,
                      std::span<const std::byte> data);
  /// The same with bytes made while writing; they must amount to the tensor's size, or write()
  /// fails.
  Result<> add_tensor(std::string_view name, tensor::DType type, std::span<const std::uint64_t> ne,
                      Producer producer);

  /// Writes a temporary file beside `path`, flushes it to disk and renames it. On an error nothing
  /// is left behind.
  Result<> write(const std::filesystem::path& path) const;
  /// Writes the file's bytes in order.
  Result<> write(const Sink& sink) const;

 private:
  struct Tensor {
    tensor::DType type;
    std::vector<std::uint64_t> ne;
    std::uint64_t size;
    Producer producer;
  };

  std::string head() const;

  std::map<std::string, std::string, std::less<>> entries_;  // key → type and value as stored
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace plmm::gguf
