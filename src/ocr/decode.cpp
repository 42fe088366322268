// Decoding by libjpeg-turbo, libpng and libwebp; see decode.h. All three are used by the interfaces
// that report errors as values: nothing is printed and nothing jumps.
#include "ocr/decode.h"

#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>

namespace plmm::ocr {
namespace {

using Bytes = std::span<const std::byte>;

struct Size {
  int width;
  int height;
};

Error damaged(PictureKind kind) {
  return {ErrorCode::corrupt_data, "the pixels of this " + std::string(name(kind)) +
                                       " picture are damaged: copy or download it again"};
}

std::uint64_t n_pixels(Size size) {
  return static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
}

/// The same shape within kWorkPixelsMax.
Size work_size(const PictureFormat& format) {
  const Size stored{format.width, format.height};
  if (n_pixels(stored) <= kWorkPixelsMax) return stored;
  const double factor =
      std::sqrt(static_cast<double>(kWorkPixelsMax) / static_cast<double>(n_pixels(stored)));
  return {std::max(1, static_cast<int>(stored.width * factor)),
          std::max(1, static_cast<int>(stored.height * factor))};
}

const unsigned char* data_of(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

struct JpegEnd {
  void operator()(void* decoder) const { tjDestroy(decoder); }
};

/// The largest of the decoder's own scales that stays within kWorkPixelsMax: it skips the work of
/// what would be thrown away.
Size jpeg_size(const PictureFormat& format) {
  int n_factors = 0;
  const tjscalingfactor* factors = tjGetScalingFactors(&n_factors);
  Size best{0, 0};
  for (int i = 0; i < n_factors; ++i) {
    if (factors[i].num > factors[i].denom) continue;
    const Size size{TJSCALED(format.width, factors[i]), TJSCALED(format.height, factors[i])};
    if (n_pixels(size) <= kWorkPixelsMax && n_pixels(size) > n_pixels(best)) best = size;
  }
  return best;
}

Result<Raster> decode_jpeg(Bytes file, const PictureFormat& format) {
  const std::unique_ptr<void, JpegEnd> decoder(tjInitDecompress());
  if (!decoder) return fail(ErrorCode::io, "there is too little memory to decode this picture");
  Size stored{};
  int sampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), data_of(file), file.size(), &stored.width, &stored.height,
                          &sampling, &colours) != 0 ||
      stored.width != format.width || stored.height != format.height) {
    return std::unexpected(damaged(format.kind));
  }
  const Size size = jpeg_size(format);
  if (n_pixels(size) == 0) return std::unexpected(damaged(format.kind));
  Raster out = Raster::blank(size.width, size.height);
  const int status =
      tjDecompress2(decoder.get(), data_of(file), file.size(), out.pixels.data(), size.width,
                    size.width, size.height, TJPF_GRAY, TJFLAG_LIMITSCANS);
  // Warnings are common in photos of telephones and harmless; what is cut short was refused before.
  if (status != 0 && tjGetErrorCode(decoder.get()) == TJERR_FATAL)
    return std::unexpected(damaged(format.kind));
  return out;
}

/// A copy with the chunks that make pixels only. Texts and colour profiles would be unpacked too,
/// and a small one can unpack to gigabytes.
std::string bare_png(Bytes file) {
  constexpr std::size_t kSignature = 8;
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  std::string out(bytes.substr(0, kSignature));
  for (std::size_t at = kSignature; at + 12 <= bytes.size();) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
      size = size << 8 | std::to_integer<std::size_t>(file[at + i]);
    const auto type = bytes.substr(at + 4, 4);
    const bool wanted =
        type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND";
    if (wanted) out.append(bytes.substr(at, 12 + size));
    at += 12 + size;
  }
  return out;
}

struct PngEnd {
  void operator()(png_image* image) const { png_image_free(image); }
};

Result<Raster> decode_png(Bytes file, const PictureFormat& format) {
  const std::string bare = bare_png(file);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, PngEnd> end(&image);
  if (png_image_begin_read_from_memory(&image, bare.data(), bare.size()) == 0)
    return std::unexpected(damaged(format.kind));
  if (image.width != static_cast<png_uint_32>(format.width) ||
      image.height != static_cast<png_uint_32>(format.height)) {
    return std::unexpected(damaged(format.kind));
  }
  image.format = PNG_FORMAT_GRAY;
  Raster out = Raster::blank(format.width, format.height);
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, out.pixels.data(), format.width, nullptr) == 0)
    return std::unexpected(damaged(format.kind));
  return out;
}

struct WebpEnd {
  void operator()(WebPDecBuffer* buffer) const { WebPFreeDecBuffer(buffer); }
};

/// Brightness of 16 to 235 over white, by its alpha.
std::uint8_t over_white(int luma, int alpha) {
  const int full = std::clamp((luma - 16) * 255 / 219, 0, 255);
  return static_cast<std::uint8_t>((full * alpha + 255 * (255 - alpha)) / 255);
}

Result<Raster> decode_webp(Bytes file, const PictureFormat& format) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    return fail(ErrorCode::io, "libwebp is of another version than plmm was built with");
  const Size size = work_size(format);
  if (size.width != format.width) {
    config.options.use_scaling = 1;
    config.options.scaled_width = size.width;
    config.options.scaled_height = size.height;
  }
  config.output.colorspace = MODE_YUVA;
  const std::unique_ptr<WebPDecBuffer, WebpEnd> end(&config.output);
  if (WebPDecode(data_of(file), file.size(), &config) != VP8_STATUS_OK)
    return std::unexpected(damaged(format.kind));
  const auto& planes = config.output.u.YUVA;
  if (config.output.width != size.width || config.output.height != size.height)
    return std::unexpected(damaged(format.kind));
  Raster out = Raster::blank(size.width, size.height);
  for (int y = 0; y < size.height; ++y) {
    const auto* luma = planes.y + std::ptrdiff_t{y} * planes.y_stride;
    const auto* alpha =
        planes.a == nullptr ? nullptr : planes.a + std::ptrdiff_t{y} * planes.a_stride;
    for (int x = 0; x < size.width; ++x)
      out.row(y)[x] = over_white(luma[x], alpha == nullptr ? 255 : alpha[x]);
  }
  return out;
}

Result<Raster> decode_stored(Bytes file, const PictureFormat& format) {
  switch (format.kind) {
    case PictureKind::jpeg:
      return decode_jpeg(file, format);
    case PictureKind::png:
      return decode_png(file, format);
    case PictureKind::webp:
      return decode_webp(file, format);
  }
  return std::unexpected(damaged(format.kind));
}

}  // namespace

Result<Raster> decode(std::span<const std::byte> file, const PictureFormat& format) {
  Raster stored = TRY(decode_stored(file, format));
  const Size size = work_size(format);
  if (n_pixels({stored.width, stored.height}) > kWorkPixelsMax)
    stored = scaled(stored, size.width, size.height);
  return upright(std::move(stored), format.orientation);
}

}  // namespace plmm::ocr
