// Little-endian values: bounded reading from untrusted bytes, with the offset kept for the error
// message, and writing.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include "base/result.h"

namespace plmm {

/// A cursor over bytes that never reads past their end. Little-endian hosts only (x86-64, aarch64).
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }

  /// The next sizeof(T) bytes as T, or corrupt_data naming `field` and the offset.
  template <class T>
  Result<T> read(const char* field) {
    static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
    const auto raw = TRY(take(sizeof(T), field));
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }

  Result<std::span<const std::byte>> take(std::size_t n, const char* field) {
    if (n > remaining()) {
      return fail(ErrorCode::corrupt_data,
                  std::string(field) + " at byte " + std::to_string(offset_) + " needs " +
                      std::to_string(n) + " bytes, " + std::to_string(remaining()) + " left");
    }
    const auto out = bytes_.subspan(offset_, n);
    offset_ += n;
    return out;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_ = 0;
};

/// Puts the bytes of a value behind `out`, a string or a vector of bytes. Little-endian hosts only.
template <class T, class Bytes>
void append_value(Bytes& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
  const auto* const bytes = reinterpret_cast<const typename Bytes::value_type*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

}  // namespace plmm
