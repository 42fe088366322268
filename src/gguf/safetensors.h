// Reads safetensors files that may lie: header, names, shapes and offsets are checked before a
// tensor is handed out. Writes them too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "tensor/dtype.h"

namespace plmm::gguf {

/// Limits on what a header may claim; docs/formats/safetensors.md lists them.
inline constexpr std::uint64_t kSafetensorsHeaderBytesMax = 16U << 20U;
inline constexpr std::size_t kSafetensorsMax = 100'000;
inline constexpr std::size_t kSafetensorNameBytesMax = 256;
inline constexpr std::size_t kSafetensorDimsMax = 8;
inline constexpr std::size_t kSafetensorsMetadataMax = 1'000;

/// What `__metadata__` says; any text.
using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

/// A tensor of floats.
struct Safetensor {
  std::string name;
  tensor::DType type;                // f32, f16 or bf16
  std::vector<std::uint64_t> shape;  // as the file writes it: the length of a row is last
  std::span<const std::byte> data;   // inside the file; any alignment
};

/// An open file; views it hands out live as long as the reader. Immutable after open, so any thread
/// may read it.
class SafetensorsReader {
 public:
  /// Errors: not_found, io; corrupt_data, limit_exceeded or unsupported, each with path, cause and
  /// what to do. Tensors of integers (such as position numbers) are checked like all others, but
  /// not handed out.
  static Result<SafetensorsReader> open(const std::filesystem::path& path);
  /// The same on bytes in memory. `name` stands for the path in errors; `bytes` must outlive the
  /// reader.
  static Result<SafetensorsReader> parse(std::span<const std::byte> bytes, std::string_view name);

  const std::string& name() const { return name_; }
  std::span<const Safetensor> tensors() const { return tensors_; }  // sorted by name
  const Safetensor* tensor(std::string_view name) const;            // nullptr when absent
  const SafetensorsMetadata& metadata() const { return metadata_; }

 private:
  SafetensorsReader() = default;

  std::optional<MappedFile> map_;
  std::string name_;
  std::vector<Safetensor> tensors_;
  SafetensorsMetadata metadata_;
};

/// Writes a file as write_file_atomically() does: tensors in the order of their names, which are
/// unique and such as the reader takes (CHECK); the same content gives the same bytes.
Result<> write_safetensors(const std::filesystem::path& path, std::vector<Safetensor> tensors,
                           const SafetensorsMetadata& metadata);

}  // namespace plmm::gguf
