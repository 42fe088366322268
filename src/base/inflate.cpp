// zlib, and the bounds around it.
#include "base/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/narrow.h"

namespace plmm {
namespace {

constexpr std::size_t kOutputBytes = 256 << 10;
constexpr std::size_t kInputBytesMax = 1 << 30;  // what zlib counts in 32 bits
constexpr int kRaw = -MAX_WBITS;                 // without a header
constexpr int kGzip = MAX_WBITS + 16;            // with that of gzip

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

void set_input(z_stream& stream, std::span<const std::byte> packed) {
  // zlib does not write to its input, it only lacks the const.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  stream.avail_in = narrow<uInt>(packed.size());
}

std::unexpected<Error> no_memory() { return fail(ErrorCode::io, "zlib has no memory"); }

}  // namespace

struct Inflater::State {
  z_stream stream{};
  std::unique_ptr<z_stream, InflateEnd> end;
  std::vector<std::byte> output = std::vector<std::byte>(kOutputBytes);
  bool ended = false;
};

Inflater::Inflater(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;
Inflater::~Inflater() = default;

Result<Inflater> Inflater::create() {
  auto state = std::make_unique<State>();
  if (inflateInit2(&state->stream, kRaw) != Z_OK) return no_memory();
  state->end.reset(&state->stream);
  return Inflater(std::move(state));
}

Result<bool> Inflater::push(std::span<const std::byte> packed, const InflateSink& sink) {
  if (packed.size() > kInputBytesMax) {
    return fail(ErrorCode::limit_exceeded, "over 1 GiB of packed bytes at once");
  }
  if (state_->ended && !packed.empty()) {
    return fail(ErrorCode::corrupt_data, "bytes after the deflate stream");
  }
  z_stream& stream = state_->stream;
  auto& output = state_->output;
  set_input(stream, packed);
  do {
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = narrow<uInt>(output.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      return fail(ErrorCode::corrupt_data, "the deflate stream is broken");
    }
    TRY(sink(std::span(output).first(output.size() - stream.avail_out)));
    if (status == Z_STREAM_END) {
      state_->ended = true;
      if (stream.avail_in != 0) {
        return fail(ErrorCode::corrupt_data, "bytes after the deflate stream");
      }
      return true;
    }
  } while (stream.avail_in != 0 || stream.avail_out == 0);
  return false;
}

std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Result<std::string> gunzip(std::span<const std::byte> packed, std::size_t n_bytes_max) {
  if (packed.size() > kInputBytesMax) {
    return fail(ErrorCode::limit_exceeded, "over 1 GiB of packed bytes");
  }
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return no_memory();
  const std::unique_ptr<z_stream, InflateEnd> end(&stream);
  set_input(stream, packed);
  std::vector<std::byte> output(kOutputBytes);
  std::string out;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = narrow<uInt>(output.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t n = output.size() - stream.avail_out;
    if (n > n_bytes_max - out.size()) {
      return fail(ErrorCode::limit_exceeded,
                  "unpacks to more than " + std::to_string(n_bytes_max) + " bytes");
    }
    out.append(reinterpret_cast<const char*>(output.data()), n);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      if (inflateReset(&stream) != Z_OK) return no_memory();  // another member follows
      continue;
    }
    if (status == Z_BUF_ERROR) {
      return fail(ErrorCode::corrupt_data, "the gzip file is cut short");
    }
    if (status != Z_OK) return fail(ErrorCode::corrupt_data, "the gzip file is broken");
  }
}

}  // namespace plmm
