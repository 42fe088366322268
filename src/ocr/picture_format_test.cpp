// Headers of pictures: good ones, and the smallest that are refused for each reason.
#include "ocr/picture_format.h"

#include <gtest/gtest.h>

#include "ocr/picture_forge.h"

namespace plmm::ocr {
namespace {

using std::string_view_literals::operator""sv;  // "\0"sv keeps its zeros

Result<PictureFormat> format_of(std::string_view file) {
  return read_format(std::as_bytes(std::span(file)));
}

void expect_refused(std::string_view file, ErrorCode code, std::string_view words) {
  const auto format = format_of(file);
  ASSERT_FALSE(format.has_value()) << words;
  EXPECT_EQ(format.error().code, code) << format.error().what;
  EXPECT_NE(format.error().what.find(words), std::string::npos) << format.error().what;
}

TEST(PictureFormat, tells_kind_and_size_by_the_bytes) {
  const auto png = format_of(forge::png(3, 2, "\0abc\0def"sv));
  ASSERT_TRUE(png.has_value()) << png.error().what;
  EXPECT_EQ(png->kind, PictureKind::png);
  EXPECT_EQ(png->width, 3);
  EXPECT_EQ(png->height, 2);
  const auto jpeg = format_of(forge::jpeg(640, 480, 3));
  ASSERT_TRUE(jpeg.has_value()) << jpeg.error().what;
  EXPECT_EQ(jpeg->kind, PictureKind::jpeg);
  EXPECT_EQ(jpeg->width, 640);
  EXPECT_EQ(jpeg->height, 480);
  const auto webp = format_of(forge::webp(5000, 70, 0));
  ASSERT_TRUE(webp.has_value()) << webp.error().what;
  EXPECT_EQ(webp->kind, PictureKind::webp);
  EXPECT_EQ(webp->width, 5000);
  EXPECT_EQ(webp->height, 70);
}

TEST(PictureFormat, finds_the_orientation_in_all_three_kinds) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto tiff = forge::exif(orientation);
    const auto jpeg =
        format_of(forge::jpeg(9, 9, 1, forge::segment(0xE1, std::string("Exif\0\0"sv) + tiff)));
    EXPECT_EQ(jpeg.value().orientation, orientation);
    const auto png = format_of(forge::png(9, 9, "", forge::chunk("eXIf", tiff)));
    EXPECT_EQ(png.value().orientation, orientation);
    const auto webp = format_of(forge::webp(9, 9, 8, forge::webp_chunk("EXIF", tiff)));
    EXPECT_EQ(webp.value().orientation, orientation);
  }
}

TEST(PictureFormat, takes_an_orientation_that_makes_no_sense_for_none) {
  for (const auto& tiff : {forge::exif(0), forge::exif(9), forge::exif(6).substr(0, 12),
                           std::string("II*\0\xFF\xFF\xFF\xFF"sv), std::string("nonsense")}) {
    const auto png = format_of(forge::png(9, 9, "", forge::chunk("eXIf", tiff)));
    EXPECT_EQ(png.value().orientation, 1);
  }
}

TEST(PictureFormat, refuses_more_pixels_than_the_limit_before_decoding) {
  expect_refused(forge::png(20'000, 10'000, ""), ErrorCode::limit_exceeded,
                 "20000x10000, 200 megapixels; at most 40");
  expect_refused(forge::png(0x7FFFFFFF, 0x7FFFFFFF, ""), ErrorCode::limit_exceeded, "too large");
  expect_refused(forge::jpeg(65'535, 65'535), ErrorCode::limit_exceeded, "too large");
  expect_refused(forge::webp(1 << 24, 1 << 24, 0), ErrorCode::limit_exceeded, "too large");
  EXPECT_TRUE(format_of(forge::png(8'000, 5'000, "")).has_value());
}

TEST(PictureFormat, refuses_a_side_over_the_limit) {
  expect_refused(forge::png(kPictureSideMax + 1, 1, ""), ErrorCode::limit_exceeded, "too long");
  EXPECT_TRUE(format_of(forge::png(kPictureSideMax, 1, "")).has_value());
}

TEST(PictureFormat, refuses_a_file_over_the_limit) {
  expect_refused(std::string(kPictureBytesMax + 1, 'x'), ErrorCode::limit_exceeded, "32 MiB");
}

TEST(PictureFormat, refuses_a_jpeg_with_very_many_scans) {
  EXPECT_TRUE(format_of(forge::jpeg(9, 9, kJpegScansMax)).has_value());
  expect_refused(forge::jpeg(9, 9, kJpegScansMax + 1), ErrorCode::limit_exceeded, "scans");
}

TEST(PictureFormat, names_other_kinds_of_files) {
  expect_refused("GIF89a", ErrorCode::unsupported, "a GIF picture: JPEG, PNG and WebP can be read");
  expect_refused("%PDF-1.7", ErrorCode::unsupported, "a PDF document");
  expect_refused(
      "\0\0\0\x18"
      "ftypheic"sv,
      ErrorCode::unsupported, "a HEIC picture");
  expect_refused("Dear Mr Okafor,", ErrorCode::unsupported, "not a picture that can be read");
  expect_refused("", ErrorCode::corrupt_data, "empty");
  expect_refused(forge::webp(9, 9, 2), ErrorCode::unsupported, "moves");
  expect_refused(forge::jpeg(9, 9, 1, {}, 0xC3), ErrorCode::unsupported, "save it as PNG");
}

TEST(PictureFormat, notices_wherever_a_file_is_cut) {
  for (const auto& whole :
       {forge::png(3, 2, "\0abc\0def"sv, forge::chunk("eXIf", forge::exif(6))),
        forge::jpeg(9, 9, 2, forge::segment(0xE1, std::string("Exif\0\0"sv) + forge::exif(6))),
        forge::webp(9, 9, 0, forge::webp_chunk("EXIF", forge::exif(3)))}) {
    ASSERT_TRUE(format_of(whole).has_value()) << format_of(whole).error().what;
    for (std::size_t n = 12; n < whole.size(); ++n) {
      const auto cut = format_of(std::string_view(whole).substr(0, n));
      ASSERT_FALSE(cut.has_value()) << n;
      EXPECT_EQ(cut.error().code, ErrorCode::corrupt_data) << n;
    }
  }
}

TEST(PictureFormat, refuses_a_picture_without_a_size) {
  expect_refused(forge::png(0, 2, ""), ErrorCode::corrupt_data, "no size");
  expect_refused(forge::jpeg(9, 0), ErrorCode::corrupt_data, "no size");
  expect_refused(forge::jpeg(9, 9, 0), ErrorCode::corrupt_data, "no size");
  expect_refused(forge::riff(forge::webp_chunk("ABCD", "0123456789")), ErrorCode::corrupt_data,
                 "no size");
}

}  // namespace
}  // namespace plmm::ocr
