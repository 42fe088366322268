// Turning, scaling and the ground of grey pixels.
#include "ocr/raster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "ocr/even_ground.h"

namespace plmm::ocr {
namespace {

using Pixels = std::vector<std::uint8_t>;

TEST(Raster, turns_by_each_orientation_of_exif) {
  // 1 2 3
  // 4 5 6
  const Raster stored{3, 2, {1, 2, 3, 4, 5, 6}};
  const std::array<Pixels, 8> expected{{{1, 2, 3, 4, 5, 6},
                                        {3, 2, 1, 6, 5, 4},
                                        {6, 5, 4, 3, 2, 1},
                                        {4, 5, 6, 1, 2, 3},
                                        {1, 4, 2, 5, 3, 6},
                                        {4, 1, 5, 2, 6, 3},
                                        {6, 3, 5, 2, 4, 1},
                                        {3, 6, 2, 5, 1, 4}}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster turned = upright(stored, orientation);
    EXPECT_EQ(turned.width, orientation >= 5 ? 2 : 3);
    EXPECT_EQ(turned.pixels, expected[static_cast<std::size_t>(orientation - 1)]) << orientation;
  }
}

TEST(Raster, keeps_an_even_grey_at_any_size) {
  const Raster grey = Raster::blank(7, 5, 93);
  for (const int side : {1, 3, 5, 7, 16, 50}) {
    const Raster other = scaled(grey, side, side + 1);
    EXPECT_EQ(other.pixels, Raster::blank(side, side + 1, 93).pixels) << side;
  }
}

TEST(Raster, loses_no_thin_line_when_it_gets_smaller) {
  Raster picture = Raster::blank(300, 300);
  for (int y = 0; y < 300; ++y) picture.row(y)[150] = 0;
  const Raster small = scaled(picture, 75, 75);
  EXPECT_LT(*std::min_element(small.row(30), small.row(30) + 75), 200);
}

TEST(EvenGround, makes_light_and_dark_ink_dark_on_white) {
  // Left half black with a white stroke, right half blue-grey with a lighter stroke.
  Raster picture = Raster::blank(400, 200, 0);
  for (int y = 0; y < 200; ++y) std::fill_n(picture.row(y) + 200, 200, std::uint8_t{95});
  for (int y = 80; y < 120; ++y) {
    std::fill_n(picture.row(y) + 100, 5, std::uint8_t{255});
    std::fill_n(picture.row(y) + 300, 5, std::uint8_t{255});
  }
  const Raster even = even_ground(picture);
  for (const int x : {10, 90, 190, 199, 200, 210, 290, 390}) EXPECT_EQ(even.row(100)[x], 255) << x;
  EXPECT_EQ(even.row(100)[102], 0);
  EXPECT_EQ(even.row(100)[302], 95);
}

TEST(EvenGround, takes_a_shadow_off_a_photo) {
  Raster picture = Raster::blank(480, 320);
  for (int y = 0; y < 320; ++y) {
    for (int x = 0; x < 480; ++x) {
      const int paper = 80 + x / 3 + (x * 7 + y * 13) % 23;  // unevenly lit and rough
      const bool ink = y % 40 < 4 && x % 20 < 12;
      picture.row(y)[x] = static_cast<std::uint8_t>(ink ? paper / 4 : paper);
    }
  }
  const Raster even = even_ground(picture);
  for (const int x : {42, 142, 242, 342, 442}) {
    EXPECT_GT(even.row(180)[x], 190) << x;
    EXPECT_LT(even.row(161)[x], 100) << x;
  }
}

}  // namespace
}  // namespace plmm::ocr
