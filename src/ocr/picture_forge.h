// Pictures that lie, made by hand for the tests and fuzz entry.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/inflate.h"

namespace plmm::ocr::forge {

using std::string_view_literals::operator""sv;  // "\0"sv keeps its zeros

inline std::string big(std::uint64_t value, int size) {
  std::string out;
  for (int i = size - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

inline std::string little(std::uint64_t value, int size) {
  const auto bytes = big(value, size);
  return {bytes.rbegin(), bytes.rend()};
}

inline std::string chunk(std::string_view type, std::string_view content) {
  const std::string checked = std::string(type) + std::string(content);
  const auto sum = crc32(0, std::as_bytes(std::span(checked)));
  return big(content.size(), 4) + checked + big(sum, 4);
}

/// Grey, 8 bits, `content` packed without compression (at most 65,535 bytes), `before` chunks in
/// front of the pixels.
inline std::string png(std::uint64_t width, std::uint64_t height, std::string_view content,
                       std::string_view before = {}) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : content) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const std::string packed = "\x78\x01\x01" + little(content.size(), 2) +
                             little(0xFFFF ^ content.size(), 2) + std::string(content) +
                             big(std::uint64_t{b} << 16 | a, 4);
  return "\x89PNG\r\n\x1A\n" +
         chunk("IHDR", big(width, 4) + big(height, 4) + std::string("\x08\0\0\0\0"sv)) +
         std::string(before) + chunk("IDAT", packed) + chunk("IEND", "");
}

/// A small good one: white, `side` square.
inline std::string white_png(std::size_t side) {
  std::string content;
  for (std::size_t y = 0; y < side; ++y) content += '\0' + std::string(side, '\xFF');
  return png(side, side, content);
}

inline std::string segment(int marker, std::string_view content) {
  return '\xFF' + big(static_cast<std::uint64_t>(marker), 1) + big(content.size() + 2, 2) +
         std::string(content);
}

/// TIFF with one entry: the orientation.
inline std::string exif(int orientation) {
  return std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"sv) +
         big(static_cast<std::uint64_t>(orientation), 2) + std::string("\0\0\0\0\0\0"sv);
}

/// Markers of a JPEG picture without its tables: enough for its header.
inline std::string jpeg(std::uint64_t width, std::uint64_t height, int n_scans = 1,
                        std::string_view before = {}, int frame = 0xC0) {
  std::string out = "\xFF\xD8" + std::string(before) +
                    segment(frame, "\x08" + big(height, 2) + big(width, 2) + "\x01\x01\x11" + '\0');
  for (int i = 0; i < n_scans; ++i)
    out += segment(0xDA, "\x01\x01\0\0\x3F\0"sv) + std::string("abc\xFF\0\xFF\xD0zz"sv);
  return out + "\xFF\xD9";
}

inline std::string riff(std::string_view chunks) {
  return "RIFF" + little(chunks.size() + 4, 4) + "WEBP" + std::string(chunks);
}

inline std::string webp_chunk(std::string_view type, std::string_view content) {
  return std::string(type) + little(content.size(), 4) + std::string(content) +
         (content.size() % 2 == 1 ? std::string(1, '\0') : std::string());
}

/// The extended header and whatever follows; flags 2: it moves.
inline std::string webp(std::uint64_t width, std::uint64_t height, int flags,
                        std::string_view more = {}) {
  return riff(webp_chunk("VP8X", little(static_cast<std::uint64_t>(flags), 4) +
                                     little(width - 1, 3) + little(height - 1, 3)) +
              std::string(more));
}

}  // namespace plmm::ocr::forge
