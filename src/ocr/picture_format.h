// What a picture's first bytes say: its kind, size and orientation, before anything is decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plmm::ocr {

/// Any telephone's photo stays below them.
inline constexpr std::size_t kPictureBytesMax = 32 << 20;
inline constexpr std::uint64_t kPicturePixelsMax = 40'000'000;
/// Tesseract counts pixels in 16 bits, and we put a border around.
inline constexpr int kPictureSideMax = 32'000;
/// A progressive JPEG decodes all its pixels once a scan; encoders make about ten.
inline constexpr int kJpegScansMax = 64;

enum class PictureKind : std::uint8_t { jpeg, png, webp };
std::string_view name(PictureKind kind);

struct PictureFormat {
  PictureKind kind = PictureKind::png;
  int width = 0;  // pixels, as stored
  int height = 0;
  /// Of EXIF, 1 to 8: how the stored picture is turned (5 to 8: width and height change places).
  int orientation = 1;
};

/// Tells the kind by the bytes, not by a name. unsupported: another kind of file, which is named
/// where it is known, or a moving picture; corrupt_data: cut short or no size; limit_exceeded:
/// larger than the limits above. An orientation that cannot be read is 1.
Result<PictureFormat> read_format(std::span<const std::byte> file);

/// What is said of a file over kPictureBytesMax.
std::string too_large_file();

}  // namespace plmm::ocr
