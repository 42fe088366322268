// The pixels of a picture, grey and upright, no more of them than reading needs.
#pragma once

#include "ocr/picture_format.h"
#include "ocr/raster.h"

namespace plmm::ocr {

/// A page of A4 at 300 dots an inch; larger pictures are scaled down to it while they are decoded
/// where the library can, else behind it.
inline constexpr std::uint64_t kWorkPixelsMax = 9'000'000;

/// `format` is what read_format said of `file`. Whatever is transparent is over white. At most
/// 8 bytes for each stored pixel are held at a time. corrupt_data when the pixels are damaged.
Result<Raster> decode(std::span<const std::byte> file, const PictureFormat& format);

}  // namespace plmm::ocr
