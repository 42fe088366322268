// Grounds of screens and lighting of photos; see even_ground.h.
#include "ocr/even_ground.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace plmm::ocr {
namespace {

/// Brightness may differ by this in an even area: noise of JPEG and slight gradients.
constexpr int kEven = 10;
/// A picture whose even areas cover this share is a screen or a clean scan.
constexpr double kScreenShare = 0.5;

/// The side of the squares that must be even to be ground: wider than the strokes of letters.
int ground_side(const Raster& picture) {
  return std::clamp(std::min(picture.width, picture.height) / 40, 12, 32);
}

/// Where ground is, and how bright it is there; elsewhere nothing yet.
struct Grounds {
  Raster level;
  std::vector<std::uint8_t> known;
  std::size_t n_known = 0;
};

class GroundFinder {
 public:
  explicit GroundFinder(const Raster& picture) : picture_(picture) {
    grounds_.level = Raster::blank(picture.width, picture.height);
    grounds_.known.resize(picture.n_pixels(), 0);
  }

  Grounds find() {
    const int side = ground_side(picture_);
    for (int y = 0; y + side <= picture_.height; y += side / 2) {
      for (int x = 0; x + side <= picture_.width; x += side / 2) {
        if (is_even(x, y, side)) grow(x + side / 2, y + side / 2);
      }
    }
    return std::move(grounds_);
  }

 private:
  bool is_even(int left, int top, int side) const {
    int least = 255;
    int most = 0;
    for (int y = top; y < top + side; ++y) {
      const auto [low, high] =
          std::minmax_element(picture_.row(y) + left, picture_.row(y) + left + side);
      least = std::min<int>(least, *low);
      most = std::max<int>(most, *high);
      if (most - least > kEven) return false;
    }
    return true;
  }

  void grow(int x, int y) {
    const int seed = picture_.row(y)[x];
    add(x, y, seed);
    while (!open_.empty()) {
      const std::size_t at = open_.back();
      open_.pop_back();
      const int column = static_cast<int>(at % static_cast<std::size_t>(picture_.width));
      const int line = static_cast<int>(at / static_cast<std::size_t>(picture_.width));
      if (column > 0) add(column - 1, line, seed);
      if (column + 1 < picture_.width) add(column + 1, line, seed);
      if (line > 0) add(column, line - 1, seed);
      if (line + 1 < picture_.height) add(column, line + 1, seed);
    }
  }

  void add(int x, int y, int seed) {
    const std::size_t at = static_cast<std::size_t>(y) * static_cast<std::size_t>(picture_.width) +
                           static_cast<std::size_t>(x);
    const int value = picture_.pixels[at];
    if (grounds_.known[at] != 0 || std::abs(value - seed) > kEven) return;
    grounds_.known[at] = 1;
    grounds_.level.pixels[at] = static_cast<std::uint8_t>(value);
    ++grounds_.n_known;
    open_.push_back(static_cast<std::uint32_t>(at));
  }

  const Raster& picture_;
  Grounds grounds_;
  std::vector<std::uint32_t> open_;
};

/// Gives every other pixel the level of a ground near it: one sweep down and right, one back.
void spread(Grounds& grounds) {
  const auto width = static_cast<std::size_t>(grounds.level.width);
  const auto n = grounds.level.n_pixels();
  std::vector<std::uint16_t> distance(n, UINT16_MAX);
  for (std::size_t at = 0; at < n; ++at) {
    if (grounds.known[at] != 0) distance[at] = 0;
  }
  const auto take = [&](std::size_t at, std::size_t from) {
    if (distance[from] == UINT16_MAX || distance[from] + 1 >= distance[at]) return;
    distance[at] = static_cast<std::uint16_t>(distance[from] + 1);
    grounds.level.pixels[at] = grounds.level.pixels[from];
  };
  for (std::size_t at = 0; at < n; ++at) {
    if (at % width > 0) take(at, at - 1);
    if (at >= width) take(at, at - width);
  }
  for (std::size_t at = n; at-- > 0;) {
    if (at % width + 1 < width) take(at, at + 1);
    if (at + width < n) take(at, at + width);
  }
}

Raster ink_on(const Raster& picture, const Grounds& grounds) {
  Raster out = Raster::blank(picture.width, picture.height);
  for (std::size_t at = 0; at < picture.n_pixels(); ++at) {
    if (grounds.known[at] != 0) continue;
    const int contrast = std::abs(int{picture.pixels[at]} - int{grounds.level.pixels[at]});
    out.pixels[at] = static_cast<std::uint8_t>(255 - contrast);
  }
  return out;
}

using Histogram = std::array<int, 256>;

/// The brightness below which `share` of the counted pixels lie.
int quantile(const Histogram& histogram, double share) {
  int n = 0;
  for (const int count : histogram) n += count;
  int below = 0;
  for (int value = 0; value < 256; ++value) {
    below += histogram[static_cast<std::size_t>(value)];
    if (below > share * n) return value;
  }
  return 255;
}

/// How bright the paper is in the middle of each tile, counted over the tile and its neighbours.
Raster paper_map(const Raster& picture, int side) {
  constexpr double kPaper = 0.8;  // ink covers less of a page than the rest
  const int across = (picture.width + side - 1) / side;
  const int down = (picture.height + side - 1) / side;
  Raster out = Raster::blank(across, down);
  for (int tile_y = 0; tile_y < down; ++tile_y) {
    for (int tile_x = 0; tile_x < across; ++tile_x) {
      Histogram histogram{};
      const int last_y = std::min(picture.height, (tile_y + 2) * side);
      const int last_x = std::min(picture.width, (tile_x + 2) * side);
      for (int y = std::max(0, (tile_y - 1) * side); y < last_y; y += 2) {
        for (int x = std::max(0, (tile_x - 1) * side); x < last_x; x += 2)
          ++histogram[picture.row(y)[x]];
      }
      out.row(tile_y)[tile_x] = static_cast<std::uint8_t>(quantile(histogram, kPaper));
    }
  }
  return out;
}

bool is_dark(const Raster& picture) {
  Histogram histogram{};
  for (const auto value : picture.pixels) ++histogram[value];
  return quantile(histogram, 0.5) < 90;
}

Raster evenly_lit(const Raster& picture) {
  constexpr int kDarkestPaper = 24;  // below it there is only noise to strengthen
  Raster light = picture;
  if (is_dark(picture)) {
    for (auto& value : light.pixels) value = static_cast<std::uint8_t>(255 - value);
  }
  const int side = std::max(16, std::max(picture.width, picture.height) / 48);
  const Raster paper = scaled(paper_map(light, side), picture.width, picture.height);
  for (std::size_t at = 0; at < light.n_pixels(); ++at) {
    const int around = std::max<int>(paper.pixels[at], kDarkestPaper);
    light.pixels[at] = static_cast<std::uint8_t>(std::min(255, light.pixels[at] * 255 / around));
  }
  return light;
}

}  // namespace

Raster even_ground(const Raster& picture) {
  Grounds grounds = GroundFinder(picture).find();
  const double share =
      static_cast<double>(grounds.n_known) / static_cast<double>(picture.n_pixels());
  if (share < kScreenShare) return evenly_lit(picture);
  spread(grounds);
  return ink_on(picture, grounds);
}

}  // namespace plmm::ocr
