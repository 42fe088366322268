// Unpacks deflate and gzip. Packed bytes are untrusted: what they unpack to has a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace plmm {

/// Takes unpacked bytes; its error stops the unpacking.
using InflateSink = std::function<Result<>(std::span<const std::byte>)>;

/// One raw deflate stream (RFC 1951) that arrives in pieces.
class Inflater {
 public:
  static Result<Inflater> create();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;
  ~Inflater();

  /// Passes what `packed` unpacks to on, at most 256 KiB at a time. True when the stream has ended.
  /// corrupt_data for a broken stream and for bytes behind its end; the sink's own error.
  Result<bool> push(std::span<const std::byte> packed, const InflateSink& sink);

 private:
  struct State;
  explicit Inflater(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// CRC-32 of gzip and zip (polynomial 0xEDB88320): `before` is that of the bytes before, 0 at
/// first.
std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes);

/// A whole gzip file (RFC 1952), all its members. limit_exceeded as soon as it unpacks to more than
/// `n_bytes_max`; corrupt_data when it is broken, cut short or followed by something else.
Result<std::string> gunzip(std::span<const std::byte> packed, std::size_t n_bytes_max);

}  // namespace plmm
