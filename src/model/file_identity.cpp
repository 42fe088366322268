// Size, time, metadata, and a page from the middle of each tensor.
#include "model/file_identity.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace plmm::model {
namespace {

constexpr std::size_t kSampleBytes = 4096;

/// Everything in front of the tensors' data: header, metadata, table of tensors, padding.
std::span<const std::byte> head_of(const gguf::Reader& reader, std::span<const std::byte> file) {
  std::size_t end = file.size();
  for (const auto& tensor : reader.tensors())
    end = std::min(end, static_cast<std::size_t>(tensor.data.data() - file.data()));
  return file.first(end);
}

}  // namespace

Result<Checksum> identify(const gguf::Reader& reader) {
  const MappedFile* const map = reader.map();
  if (map == nullptr) return fail(ErrorCode::unsupported, reader.name() + ": not a file");
  struct stat info{};
  if (::stat(reader.name().c_str(), &info) != 0) return std::unexpected(errno_error(reader.name()));
  std::vector<std::uint64_t> parts{static_cast<std::uint64_t>(info.st_size),
                                   static_cast<std::uint64_t>(info.st_mtim.tv_sec),
                                   static_cast<std::uint64_t>(info.st_mtim.tv_nsec)};
  const auto add = [&parts](std::span<const std::byte> bytes) {
    const Checksum sum = checksum(bytes);
    parts.insert(parts.end(), sum.begin(), sum.end());
  };
  add(head_of(reader, map->bytes()));
  for (const auto& tensor : reader.tensors()) {
    const std::size_t n = std::min(tensor.data.size(), kSampleBytes);
    add(tensor.data.subspan((tensor.data.size() - n) / 2, n));
  }
  return checksum(std::as_bytes(std::span(parts)));
}

}  // namespace plmm::model
