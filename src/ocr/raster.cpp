// Turning and scaling; see raster.h.
#include "ocr/raster.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"

namespace plmm::ocr {
namespace {

Raster transposed(const Raster& picture) {
  Raster out = Raster::blank(picture.height, picture.width);
  for (int y = 0; y < picture.height; ++y) {
    const auto* from = picture.row(y);
    for (int x = 0; x < picture.width; ++x) out.row(x)[y] = from[x];
  }
  return out;
}

void mirror(Raster& picture) {
  for (int y = 0; y < picture.height; ++y)
    std::reverse(picture.row(y), picture.row(y) + picture.width);
}

void flip(Raster& picture) {
  for (int y = 0; y < picture.height / 2; ++y) {
    std::swap_ranges(picture.row(y), picture.row(y) + picture.width,
                     picture.row(picture.height - 1 - y));
  }
}

/// What one output pixel takes of a line of input pixels: weights of `first`, `first + 1`, ….
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

/// A triangle as wide as an output pixel, but at least as wide as an input pixel.
std::vector<Taps> make_taps(int n_in, int n_out) {
  const float step = static_cast<float>(n_in) / static_cast<float>(n_out);
  const float reach = std::max(step, 1.0F);
  std::vector<Taps> out(static_cast<std::size_t>(n_out));
  for (int i = 0; i < n_out; ++i) {
    const float centre = (static_cast<float>(i) + 0.5F) * step - 0.5F;
    const int first = std::max(0, static_cast<int>(std::ceil(centre - reach)));
    const int last = std::min(n_in - 1, static_cast<int>(std::floor(centre + reach)));
    auto& taps = out[static_cast<std::size_t>(i)];
    taps.first = first;
    float sum = 0;
    for (int at = first; at <= last; ++at) {
      const float weight =
          std::max(1.0F - std::abs(static_cast<float>(at) - centre) / reach, 1e-6F);
      taps.weights.push_back(weight);
      sum += weight;
    }
    for (auto& weight : taps.weights) weight /= sum;
  }
  return out;
}

}  // namespace

Raster Raster::blank(int width, int height, std::uint8_t value) {
  CHECK(width > 0 && height > 0);
  Raster out{width, height, {}};
  out.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), value);
  return out;
}

Raster upright(Raster stored, int orientation) {
  const bool sideways = orientation >= 5;
  Raster out = sideways ? transposed(stored) : std::move(stored);
  if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7) mirror(out);
  if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8) flip(out);
  return out;
}

Raster upside_down(Raster picture) { return upright(std::move(picture), 3); }

Raster scaled(const Raster& picture, int width, int height) {
  const auto across = make_taps(picture.width, width);
  const auto down = make_taps(picture.height, height);
  Raster out = Raster::blank(width, height);
  std::vector<float> sums(static_cast<std::size_t>(picture.width));
  for (int y = 0; y < height; ++y) {
    const auto& rows = down[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, 0.0F);
    for (std::size_t i = 0; i < rows.weights.size(); ++i) {
      const auto* from = picture.row(rows.first + static_cast<int>(i));
      for (std::size_t x = 0; x < sums.size(); ++x)
        sums[x] += rows.weights[i] * static_cast<float>(from[x]);
    }
    auto* to = out.row(y);
    for (int x = 0; x < width; ++x) {
      const auto& taps = across[static_cast<std::size_t>(x)];
      const float* from = sums.data() + taps.first;
      float sum = 0;
      for (std::size_t i = 0; i < taps.weights.size(); ++i) sum += taps.weights[i] * from[i];
      to[x] = static_cast<std::uint8_t>(std::clamp(sum + 0.5F, 0.0F, 255.0F));
    }
  }
  return out;
}

Raster with_border(const Raster& picture, int n) {
  Raster out = Raster::blank(picture.width + 2 * n, picture.height + 2 * n);
  for (int y = 0; y < picture.height; ++y)
    std::copy_n(picture.row(y), picture.width, out.row(y + n) + n);
  return out;
}

}  // namespace plmm::ocr
