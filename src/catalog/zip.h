// Reads one member of a zip (a wheel) as a stream. The zip is untrusted: every size and offset is
// checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plmm::catalog {

/// Bytes that can be read at any offset: a file, or memory in tests.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out`; the caller asks only for bytes inside [0, size()).
  virtual Result<> read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// Names the source in errors.
  virtual std::string_view label() const = 0;
};

struct ZipMember {
  std::uint64_t data_offset = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc32 = 0;
  bool deflated = false;  // else stored
};

using ByteSink = std::function<Result<>(std::span<const std::byte>)>;

/// The member called exactly `name`. Errors: corrupt_data (not a zip, a directory that lies, two
/// members of that name), not_found (no such member), limit_exceeded (a directory over 16 MiB),
/// unsupported (encrypted, split over disks, or packed by another method than deflate).
Result<ZipMember> find_member(const ByteSource& zip, std::string_view name);

/// Passes the member's unpacked bytes to `sink` in order, at most 256 KiB at a time, never more
/// than member.bytes; then compares size and CRC. Memory is constant. corrupt_data when they
/// differ; the sink's own error stops it at once.
Result<> read_member(const ByteSource& zip, const ZipMember& member, const ByteSink& sink);

}  // namespace plmm::catalog
