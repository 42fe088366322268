// Headers of JPEG, PNG and WebP; see picture_format.h.
#include "ocr/picture_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

namespace plmm::ocr {
namespace {

using Bytes = std::span<const std::byte>;

/// Unsigned numbers at any offset; a number behind the end is nothing.
std::optional<std::uint32_t> number(Bytes bytes, std::size_t at, std::size_t size,
                                    std::endian order) {
  if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto place = order == std::endian::big ? i : size - 1 - i;
    out = out << 8 | std::to_integer<std::uint32_t>(bytes[at + place]);
  }
  return out;
}

std::optional<std::uint32_t> big(Bytes bytes, std::size_t at, std::size_t size) {
  return number(bytes, at, size, std::endian::big);
}

std::optional<std::uint32_t> little(Bytes bytes, std::size_t at, std::size_t size) {
  return number(bytes, at, size, std::endian::little);
}

bool has(Bytes bytes, std::size_t at, std::string_view text) {
  return at <= bytes.size() && bytes.size() - at >= text.size() &&
         std::ranges::equal(bytes.subspan(at, text.size()), std::as_bytes(std::span(text)));
}

Error cut_short(PictureKind kind) {
  return {ErrorCode::corrupt_data, std::string("this ") + std::string(name(kind)) +
                                       " picture is cut short: copy or download it again"};
}

Error no_size(PictureKind kind) {
  return {ErrorCode::corrupt_data, std::string("this ") + std::string(name(kind)) +
                                       " picture is damaged: its header gives no size"};
}

/// The orientation in a TIFF structure, which is what EXIF is; 1 where there is none.
int orientation_of(Bytes tiff) {
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::uint32_t kEntriesMax = 512;
  if (!has(tiff, 0, "II") && !has(tiff, 0, "MM")) return 1;
  const auto order = has(tiff, 0, "II") ? std::endian::little : std::endian::big;
  const auto folder = number(tiff, 4, 4, order);
  if (!folder) return 1;
  const auto n_entries = number(tiff, *folder, 2, order);
  if (!n_entries) return 1;
  for (std::size_t i = 0; i < std::min(*n_entries, kEntriesMax); ++i) {
    const std::size_t entry = std::size_t{*folder} + 2 + 12 * i;
    if (number(tiff, entry, 2, order) != kOrientationTag) continue;
    const auto value = number(tiff, entry + 8, 2, order).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// Where the entropy-coded bytes of a scan end: at the next marker that is not part of them.
std::size_t skip_scan(Bytes file, std::size_t at) {
  for (; at + 1 < file.size(); ++at) {
    if (file[at] != std::byte{0xFF}) continue;
    const auto next = std::to_integer<int>(file[at + 1]);
    const bool restart = next >= 0xD0 && next <= 0xD7;
    if (next != 0x00 && next != 0xFF && !restart) return at;
  }
  return file.size();
}

bool is_frame(std::uint32_t marker) {
  const bool other = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;  // tables
  return marker >= 0xC0 && marker <= 0xCF && !other;
}

/// The frame header at `at`: size and what of it we decode.
Result<> read_frame(Bytes file, std::size_t at, std::uint32_t marker, PictureFormat& out) {
  const auto bits = big(file, at + 4, 1);
  const auto height = big(file, at + 5, 2);
  const auto width = big(file, at + 7, 2);
  const auto n_colours = big(file, at + 9, 1);
  if (!bits || !height || !width || !n_colours) return std::unexpected(cut_short(out.kind));
  const bool ordinary = marker <= 0xC2 && *bits == 8 && (*n_colours == 1 || *n_colours == 3);
  if (!ordinary) {
    return fail(ErrorCode::unsupported,
                "this JPEG picture is of a rare sort (for print or with lossless coding): save it "
                "as PNG");
  }
  out.width = static_cast<int>(*width);
  out.height = static_cast<int>(*height);
  return {};
}

/// Goes through all markers up to the end of the image, so that what is cut short is known here.
Result<PictureFormat> read_jpeg(Bytes file) {
  PictureFormat out{.kind = PictureKind::jpeg};
  int n_scans = 0;
  std::size_t at = 2;
  for (;;) {
    while (big(file, at, 2) == 0xFFFF) ++at;  // fill bytes before a marker
    const auto marker = big(file, at + 1, 1);
    if (!marker || file[at] != std::byte{0xFF}) return std::unexpected(cut_short(out.kind));
    if (*marker == 0xD9) break;
    const auto size = big(file, at + 2, 2);
    if (!size || *size < 2 || file.size() - at - 2 < *size)
      return std::unexpected(cut_short(out.kind));
    if (is_frame(*marker)) {
      auto frame = read_frame(file, at, *marker, out);
      if (!frame) return std::unexpected(std::move(frame).error());
    }
    if (*marker == 0xE1 && has(file, at + 4, std::string_view("Exif\0\0", 6)))
      out.orientation = orientation_of(file.subspan(at + 10, std::max<std::size_t>(*size, 8) - 8));
    at += 2 + *size;
    if (*marker != 0xDA) continue;
    if (++n_scans > kJpegScansMax) {
      return fail(ErrorCode::limit_exceeded,
                  "this JPEG picture has more than " + std::to_string(kJpegScansMax) +
                      " scans, which would take very long: save it as PNG");
    }
    at = skip_scan(file, at);
  }
  if (n_scans == 0 || out.width == 0 || out.height == 0) return std::unexpected(no_size(out.kind));
  return out;
}

Result<PictureFormat> read_png(Bytes file) {
  PictureFormat out{.kind = PictureKind::png};
  bool any_pixels = false;
  for (std::size_t at = 8;;) {
    const auto size = big(file, at, 4);
    if (!size || file.size() - at < 12 || file.size() - at - 12 < *size)
      return std::unexpected(cut_short(out.kind));
    if (at == 8) {
      if (!has(file, at + 4, "IHDR") || *size != 13) return std::unexpected(no_size(out.kind));
      const auto width = big(file, at + 8, 4).value_or(0);
      const auto height = big(file, at + 12, 4).value_or(0);
      if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
        return std::unexpected(no_size(out.kind));
      out.width = static_cast<int>(width);
      out.height = static_cast<int>(height);
    }
    any_pixels = any_pixels || has(file, at + 4, "IDAT");
    if (has(file, at + 4, "eXIf")) out.orientation = orientation_of(file.subspan(at + 8, *size));
    if (has(file, at + 4, "IEND")) break;
    at += 12 + std::size_t{*size};
  }
  if (!any_pixels) return std::unexpected(cut_short(out.kind));
  return out;
}

/// Size from the one of three headers that stands first in the file.
bool read_webp_size(Bytes file, PictureFormat& out) {
  if (has(file, 12, "VP8 ") && big(file, 23, 3) == 0x9D012A) {
    out.width = static_cast<int>(little(file, 26, 2).value_or(0) & 0x3FFF);
    out.height = static_cast<int>(little(file, 28, 2).value_or(0) & 0x3FFF);
  } else if (has(file, 12, "VP8L") && big(file, 20, 1) == 0x2F) {
    const auto sizes = little(file, 21, 4).value_or(0);
    out.width = static_cast<int>(sizes & 0x3FFF) + 1;
    out.height = static_cast<int>(sizes >> 14 & 0x3FFF) + 1;
  } else if (has(file, 12, "VP8X")) {
    out.width = static_cast<int>(little(file, 24, 3).value_or(0)) + 1;
    out.height = static_cast<int>(little(file, 27, 3).value_or(0)) + 1;
  }
  return out.width > 0 && out.height > 0;
}

Result<PictureFormat> read_webp(Bytes file) {
  constexpr std::uint32_t kMoving = 0x02;  // of the flags of VP8X
  PictureFormat out{.kind = PictureKind::webp};
  const auto size = little(file, 4, 4);
  if (!size || file.size() - 8 < *size || file.size() < 30)
    return std::unexpected(cut_short(out.kind));
  if (!read_webp_size(file, out)) return std::unexpected(no_size(out.kind));
  if (has(file, 12, "VP8X") && (*little(file, 20, 1) & kMoving) != 0) {
    return fail(ErrorCode::unsupported,
                "this WebP picture moves: save one of its frames as PNG or take a screenshot");
  }
  for (std::size_t at = 12;;) {
    const auto length = little(file, at + 4, 4);
    if (!length || file.size() - at - 8 < *length) break;
    if (has(file, at, "EXIF")) {
      auto exif = file.subspan(at + 8, *length);
      if (has(exif, 0, std::string_view("Exif\0\0", 6))) exif = exif.subspan(6);
      out.orientation = orientation_of(exif);
    }
    at += 8 + std::size_t{*length} + *length % 2;
  }
  return out;
}

struct OtherKind {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kOtherKinds{
    OtherKind{0, "GIF8", "a GIF picture"},
    OtherKind{0, "%PDF", "a PDF document"},
    OtherKind{0, "BM", "a BMP picture"},
    OtherKind{0, std::string_view("II*\0", 4), "a TIFF picture"},
    OtherKind{0, std::string_view("MM\0*", 4), "a TIFF picture"},
    OtherKind{4, "ftyphei", "a HEIC picture"},
    OtherKind{4, "ftyphev", "a HEIC picture"},
    OtherKind{4, "ftypmif1", "a HEIC picture"},
    OtherKind{4, "ftypavi", "an AVIF picture"},
    OtherKind{4, "ftyp", "a video"},
    OtherKind{0, "PK\x03\x04", "a zip file or an office document"},
    OtherKind{0, "<svg", "an SVG drawing"},
    OtherKind{0, "<?xml", "an XML file"},
};

Error another_kind(Bytes file) {
  if (file.empty())
    return {ErrorCode::corrupt_data, "the file is empty: copy or download it again"};
  std::string what = "not a picture that can be read";
  for (const auto& other : kOtherKinds) {
    if (!has(file, other.at, other.bytes)) continue;
    what = other.name;
    break;
  }
  return {ErrorCode::unsupported,
          "this is " + what +
              ": JPEG, PNG and WebP can be read. Save it as one of them or take a "
              "screenshot"};
}

Result<PictureFormat> within_limits(PictureFormat format) {
  const auto n_pixels =
      static_cast<std::uint64_t>(format.width) * static_cast<std::uint64_t>(format.height);
  const auto size = std::to_string(format.width) + "x" + std::to_string(format.height);
  if (n_pixels > kPicturePixelsMax) {
    return fail(ErrorCode::limit_exceeded,
                "this picture is too large: " + size + ", " + std::to_string(n_pixels / 1'000'000) +
                    " megapixels; at most " + std::to_string(kPicturePixelsMax / 1'000'000) +
                    ". Make it smaller or cut out the part with the text");
  }
  if (std::max(format.width, format.height) > kPictureSideMax) {
    return fail(ErrorCode::limit_exceeded,
                "this picture is too long: " + size + "; a side has at most " +
                    std::to_string(kPictureSideMax) + " pixels. Cut it into parts");
  }
  return format;
}

}  // namespace

std::string_view name(PictureKind kind) {
  switch (kind) {
    case PictureKind::jpeg:
      return "JPEG";
    case PictureKind::png:
      return "PNG";
    case PictureKind::webp:
      return "WebP";
  }
  return "";
}

std::string too_large_file() {
  return "the file is too large: at most " + std::to_string(kPictureBytesMax >> 20) +
         " MiB. Save it as JPEG or cut out the part with the text";
}

Result<PictureFormat> read_format(std::span<const std::byte> file) {
  if (file.size() > kPictureBytesMax) return fail(ErrorCode::limit_exceeded, too_large_file());
  if (has(file, 0, "\xFF\xD8")) return within_limits(TRY(read_jpeg(file)));
  if (has(file, 0, "\x89PNG\r\n\x1A\n")) return within_limits(TRY(read_png(file)));
  if (has(file, 0, "RIFF") && has(file, 8, "WEBP")) return within_limits(TRY(read_webp(file)));
  return std::unexpected(another_kind(file));
}

}  // namespace plmm::ocr
