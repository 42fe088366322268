// Fuzz entry of headers and decoders of pictures: any bytes.
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "ocr/decode.h"
#include "ocr/even_ground.h"
#include "ocr/picture_forge.h"
#include "ocr/picture_format.h"

namespace {

// Larger ones are only looked at: decoding them would make an input slow.
constexpr int kSideMax = 256;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto format = plmm::ocr::read_format(file);
  if (!format) {
    plmm::fuzz::note(format.error().what);
    return -1;
  }
  CHECK(format->width > 0 && format->height > 0);
  CHECK(format->orientation >= 1 && format->orientation <= 8);
  if (format->width > kSideMax || format->height > kSideMax) return plmm::fuzz::note("large"), 0;
  const auto picture = plmm::ocr::decode(file, *format);
  plmm::fuzz::note(picture ? std::string(plmm::ocr::name(format->kind)) : picture.error().what);
  if (!picture) return -1;
  CHECK(plmm::ocr::even_ground(*picture).n_pixels() == picture->n_pixels());
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  namespace forge = plmm::ocr::forge;
  const std::string exif = std::string("Exif\0\0", 6) + forge::exif(6);
  return {forge::white_png(2),
          forge::png(2, 1, std::string("\0ab", 3), forge::chunk("eXIf", forge::exif(3))),
          forge::png(20'000, 10'000, ""),
          forge::jpeg(16, 8),
          forge::jpeg(16, 8, 2, forge::segment(0xE1, exif)),
          forge::webp(16, 8, 0),
          forge::webp(16, 8, 2),
          forge::riff(forge::webp_chunk("VP8L", "\x2F\x07\xC0\x01\x08 some bits of pixels")),
          forge::riff(forge::webp_chunk(
              "VP8 ", std::string("\x10\x02\0\x9D\x01\x2A\x10\0\x10\0\0\x47\x08\x85\x85\x88", 16))),
          "GIF89a",
          "%PDF-1.4"};
}
