// Grey pixels and what turns and scales them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plmm::ocr {

/// One byte a pixel, row-major without gaps; 0 is black, 255 white.
struct Raster {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  static Raster blank(int width, int height, std::uint8_t value = 255);
  std::size_t n_pixels() const { return pixels.size(); }
  const std::uint8_t* row(int y) const { return pixels.data() + offset(y); }
  std::uint8_t* row(int y) { return pixels.data() + offset(y); }

 private:
  std::size_t offset(int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

/// As a person holds it: `orientation` is that of EXIF (1: as it is).
Raster upright(Raster stored, int orientation);
Raster upside_down(Raster picture);

/// Another size, each side at least 1: the mean of the pixels below when smaller, between
/// neighbours when larger.
Raster scaled(const Raster& picture, int width, int height);

/// With `n` white pixels on each side: text that touches the edge is read worse.
Raster with_border(const Raster& picture, int n);

}  // namespace plmm::ocr
