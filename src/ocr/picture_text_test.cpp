// What is read in the pictures of testdata/pictures, and what is said of those that cannot be read.
#include "ocr/picture_text.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <sstream>

#include "base/file.h"
#include "ocr/picture_forge.h"
#include "ocr/picture_format.h"

namespace plmm::ocr {
namespace {

const std::filesystem::path kPictures = "testdata/pictures";

Result<PictureText> read(std::string_view file) {
  return read_picture(std::as_bytes(std::span(file)), {}, Cancel());
}

Result<PictureText> read_named(std::string_view name) {
  return read_picture_file(kPictures / name, {}, Cancel());
}

std::string bytes_of(const std::filesystem::path& path) {
  return read_file(path, kPictureBytesMax).value();
}

/// The text with single spaces, so that only characters and their order count.
std::string flat(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string out;
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// How many characters must be put in, taken out or changed.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t before = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = before + (from[i - 1] == to[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[to.size()];
}

double error_rate(const PictureText& picture, std::string_view name) {
  const auto expected = flat(bytes_of((kPictures / name).replace_extension(".txt")));
  const auto found = flat(whole_text(picture).reveal(Purpose::compare));
  const double rate =
      static_cast<double>(edits(expected, found)) / static_cast<double>(expected.size());
  std::printf("%-16s %4zu characters, %5.2f %% wrong, confidence %.2f\n", std::string(name).c_str(),
              expected.size(), 100 * rate, picture.confidence);
  return rate;
}

struct Readable {
  std::string_view name;
  int width;
  int height;
  double error_rate_max;
};

class Pictures : public testing::TestWithParam<Readable> {};

TEST_P(Pictures, are_read_in_order_with_few_wrong_characters) {
  const auto& expected = GetParam();
  const auto picture = read_named(expected.name);
  ASSERT_TRUE(picture.has_value()) << picture.error().what;
  EXPECT_EQ(picture->width, expected.width);
  EXPECT_EQ(picture->height, expected.height);
  EXPECT_EQ(picture->language, "eng");
  EXPECT_LE(error_rate(*picture, expected.name), expected.error_rate_max);
  EXPECT_GE(picture->confidence, kConfidenceGood);
  std::size_t n_words = 0;
  for (const auto& line : picture->lines) {
    n_words += line.n_words;
    EXPECT_GE(line.confidence, kConfidenceMin);
    EXPECT_LE(line.confidence, 1.0);
    EXPECT_GE(line.box.x, 0);
    EXPECT_GE(line.box.y, 0);
    EXPECT_GT(line.box.height, 4);
    EXPECT_LE(line.box.x + line.box.width, picture->width + 2);
    EXPECT_LE(line.box.y + line.box.height, picture->height + 2);
  }
  EXPECT_EQ(n_words, picture->n_words);
}

INSTANTIATE_TEST_SUITE_P(Testdata, Pictures,
                         testing::Values(Readable{"letter.png", 1000, 560, 0.005},
                                         Readable{"photo.jpg", 1016, 586, 0.03},
                                         Readable{"receipt.webp", 560, 560, 0.03},
                                         Readable{"columns.png", 1060, 560, 0.005},
                                         Readable{"screenshot.png", 1170, 2532, 0.03},
                                         Readable{"small.png", 340, 190, 0.03},
                                         Readable{"sideways.png", 560, 1000, 0.03},
                                         Readable{"menu.webp", 640, 360, 0.03},
                                         Readable{"order.png", 760, 360, 0.05}),
                         [](const auto& at) {
                           return std::string(at.param.name.substr(0, at.param.name.find('.')));
                         });

TEST(ReadPicture, finds_no_text_in_a_landscape) {
  const auto picture = read_named("hills.jpg");
  ASSERT_TRUE(picture.has_value()) << picture.error().what;
  EXPECT_EQ(picture->lines.size(), 0U);
  EXPECT_EQ(picture->confidence, 0);
  EXPECT_EQ(picture->width, 800);
}

TEST(ReadPicture, finds_no_text_in_the_smallest_pictures) {
  for (const std::size_t side : {1U, 2U, 3U, 40U}) {
    const auto picture = read(forge::white_png(side));
    ASSERT_TRUE(picture.has_value()) << picture.error().what;
    EXPECT_TRUE(picture->lines.empty());
  }
}

TEST(ReadPicture, says_where_a_line_is) {
  const auto picture = read_named("letter.png");
  ASSERT_TRUE(picture.has_value());
  ASSERT_FALSE(picture->lines.empty());
  const auto& first = picture->lines.front();  // drawn at (40, 40), 30 pixels high
  EXPECT_TRUE(first.begins_block);
  EXPECT_NEAR(first.box.x, 40, 8);
  EXPECT_NEAR(first.box.y, 44, 10);
  EXPECT_NEAR(first.box.height, 32, 10);
}

TEST(ReadPicture, answers_for_a_picture_that_is_cut_short) {
  for (const std::string_view name : {"letter.png", "photo.jpg", "menu.webp"}) {
    const auto whole = bytes_of(kPictures / name);
    const auto cut = read(std::string_view(whole).substr(0, whole.size() / 2));
    ASSERT_FALSE(cut.has_value()) << name;
    EXPECT_EQ(cut.error().code, ErrorCode::corrupt_data);
    EXPECT_NE(cut.error().what.find("cut short"), std::string::npos) << cut.error().what;
  }
}

TEST(ReadPicture, answers_for_pixels_that_are_damaged) {
  auto png = bytes_of(kPictures / "letter.png");
  png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 0x55);
  for (const auto& bytes : {png, forge::jpeg(64, 64), forge::webp(64, 64, 0)}) {
    testing::internal::CaptureStderr();
    const auto picture = read(bytes);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    ASSERT_FALSE(picture.has_value());
    EXPECT_EQ(picture.error().code, ErrorCode::corrupt_data);
    EXPECT_NE(picture.error().what.find("damaged"), std::string::npos) << picture.error().what;
  }
}

TEST(ReadPicture, takes_little_memory_for_a_header_that_promises_much) {
  const auto peak_kb = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = peak_kb();
  const auto picture = read(forge::png(8'000, 5'000, "few pixels"));
  ASSERT_FALSE(picture.has_value());
  EXPECT_EQ(picture.error().code, ErrorCode::corrupt_data);
  EXPECT_LT(peak_kb() - before, 100'000);
}

TEST(ReadPicture, unpacks_no_text_that_lies_in_a_png) {
  // Compressed text that is damaged: whoever unpacked it would fail or print a warning.
  const auto more = forge::chunk("zTXt", std::string("a\0\0nonsense", 11)) +
                    forge::chunk("iCCP", std::string("b\0\0nonsense", 11));
  std::string content;
  for (int y = 0; y < 64; ++y) content += '\0' + std::string(64, '\xFF');
  testing::internal::CaptureStderr();
  const auto picture = read(forge::png(64, 64, content, more));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(picture.has_value()) << picture.error().what;
}

TEST(ReadPicture, says_which_package_brings_the_language) {
  testing::internal::CaptureStderr();
  const auto picture =
      read_picture_file(kPictures / "menu.webp", {.language_folder = kPictures}, Cancel());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(picture.has_value());
  EXPECT_EQ(picture.error().code, ErrorCode::not_found);
  EXPECT_NE(picture.error().what.find("apt-get install tesseract-ocr-eng"), std::string::npos);
}

TEST(ReadPicture, stops_when_asked) {
  Cancel cancel;
  cancel.request();
  const auto picture = read_picture_file(kPictures / "letter.png", {}, cancel);
  ASSERT_FALSE(picture.has_value());
  EXPECT_EQ(picture.error().code, ErrorCode::cancelled);
}

TEST(ReadPicture, names_the_file_in_errors) {
  const auto missing = read_named("no such.png");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().what.find("no such.png"), std::string::npos);
  const auto other = read_named("README.md");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::unsupported);
  EXPECT_NE(other.error().what.find("README.md: this is"), std::string::npos) << other.error().what;
  const auto folder = read_picture_file(kPictures, {}, Cancel());
  ASSERT_FALSE(folder.has_value());
  EXPECT_NE(folder.error().code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::ocr
