// Searches of scales: nearest codes for a scale, the least-squares scale for codes, in turn.
#include "tensor/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "base/check.h"
#include "tensor/blocks.h"

namespace plmm::tensor {
namespace {

constexpr std::array kTypes{DType::q4_0, DType::q5_0, DType::q8_0, DType::q4_k, DType::q6_k};
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr int kRefits = 2;  // of a start; more of them change hardly anything

using Numbers = std::span<const float>;

/// Four numbers: one vector on every CPU we run on.
using Four = float __attribute__((vector_size(16)));
constexpr std::size_t kFour = 4;

Four four_at(Numbers x, std::size_t i) {
  Four out;
  std::memcpy(&out, x.data() + i, sizeof out);
  return out;
}

/// To the nearest integer, ties to even. Needs: |x| < 2^22.
template <class T>
T nearest(T x) {
  constexpr float kShift = 12582912.0F;  // 1.5 · 2^23: the last place counts ones
  return (x + kShift) - kShift;
}

Four clamped(Four x, float lowest, float highest) {
  const Four low = Four{} + lowest, high = Four{} + highest;
  x = x < low ? low : x;
  return x > high ? high : x;
}

float in_half(float x) { return f16_to_f32(f32_to_f16(x)); }

/// The smallest f16 that is not below x ≥ 0.
float in_half_above(float x) {
  const std::uint16_t half = f32_to_f16(x);
  return f16_to_f32(f16_to_f32(half) < x ? static_cast<std::uint16_t>(half + 1) : half);
}

/// 1 / x, or 0 where that is not a number to multiply by: then every level is 0.
float inverse(float x) {
  const float out = 1.0F / x;
  return std::isfinite(out) ? out : 0.0F;
}

/// Of each of the K fours that terms(i) gives: Σ over every fourth i and the four, in a written
/// order.
template <std::size_t K, class Terms>
std::array<float, K> sums(std::size_t n, const Terms& terms) {
  std::array<Four, K> all{};
  for (std::size_t i = 0; i < n; i += kFour) {
    const std::array<Four, K> each = terms(i);
    for (std::size_t k = 0; k < K; ++k) all[k] += each[k];
  }
  std::array<float, K> out;
  for (std::size_t k = 0; k < K; ++k) out[k] = (all[k][0] + all[k][1]) + (all[k][2] + all[k][3]);
  return out;
}

float largest_of(Numbers x) {
  float out = 0;
  for (const float each : x) {
    if (std::abs(each) > std::abs(out)) out = each;
  }
  return out;
}

/// x ≈ step · level with level from `lowest` to `highest`, both whole; 0 is one of them.
struct Levels {
  float lowest, highest;
};

Four level_of(Four x, float inverse_step, Levels levels) {
  return nearest(clamped(x * inverse_step, levels.lowest, levels.highest));
}

/// Codes of numbers: their levels plus `zero`.
void put_codes(Numbers x, float step, Levels levels, int zero, std::uint8_t* code) {
  const float factor = inverse(step);
  for (std::size_t i = 0; i < x.size(); i += kFour) {
    const Four level = level_of(four_at(x, i), factor, levels);
    for (std::size_t k = 0; k < kFour; ++k)
      code[i + k] = static_cast<std::uint8_t>(static_cast<int>(level[k]) + zero);
  }
}

/// A step looked at: the squared error that it leaves, and the step of least squared error for the
/// levels that it gives.
struct TriedStep {
  float error, better;
};

TriedStep try_step(Numbers x, float step, Levels levels) {
  const float factor = inverse(step);
  const auto [error, products, squares] = sums<3>(x.size(), [&](std::size_t i) {
    const Four each = four_at(x, i), level = level_of(each, factor, levels);
    const Four off = each - step * level;
    return std::array{off * off, each * level, level * level};
  });
  return {error, squares == 0 ? step : products / squares};
}

float error_of_step(Numbers x, float step, Levels levels) {
  const float factor = inverse(step);
  return sums<1>(x.size(), [&](std::size_t i) {
    const Four off = four_at(x, i) - step * level_of(four_at(x, i), factor, levels);
    return std::array{off * off};
  })[0];
}

/// Steps begin where the largest number lies on an end of the range, and on ranges this much
/// narrower: a few numbers clipped for all others finer.
constexpr std::array kNarrower{1.0F, 0.94F, 0.88F, 0.81F, 0.74F, 0.67F};

/// The best step found for one scale, kNone where none is finite; `stored` says what becomes of a
/// step in the file.
template <class Stored>
float best_step(Numbers x, Levels levels, std::span<const float> narrower, const Stored& stored) {
  const float largest = largest_of(x);
  if (largest == 0) return 0;
  float best = kNone, least = kInfinity;
  const bool symmetric = levels.lowest == -levels.highest;
  for (const float end : {levels.lowest, levels.highest}) {
    if (symmetric && end > 0) break;  // the same steps with the other sign
    for (const float share : narrower) {
      float step = stored(largest / end * share);
      for (int round = 0; round <= kRefits; ++round) {
        const TriedStep tried = try_step(x, step, levels);
        if (tried.error < least) {
          least = tried.error;
          best = step;
        }
        step = stored(tried.better);
      }
    }
  }
  return best;
}

/// The f16 beside a step is better at times: small steps are a few units of its last place.
float best_half(Numbers x, float step, Levels levels) {
  const std::uint16_t half = f32_to_f16(step);
  float best = step, least = error_of_step(x, step, levels);
  for (const int off : {-1, 1}) {
    const float other = f16_to_f32(static_cast<std::uint16_t>(half + off));
    const float error = error_of_step(x, other, levels);
    if (!(error < least)) continue;
    least = error;
    best = other;
  }
  return best;
}

/// One f16 scale for 32 numbers: Q4_0 and Q8_0.
bool fit_simple(Numbers x, Levels levels, std::span<const float> narrower, int zero,
                SplitBlock& out) {
  out.d = best_step(x, levels, narrower, in_half);
  if (!std::isfinite(out.d)) return false;
  if (out.d != 0) out.d = best_half(x, out.d, levels);
  put_codes(x, out.d, levels, zero, out.code);
  return true;
}

// Q6_K: 16 sub-blocks of 16 numbers, w = d · scale · level.
constexpr std::size_t kSixSubs = 16;
constexpr std::size_t kSixSub = 16;
constexpr Levels kSixLevels{-32, 31};
constexpr float kSixScaleMax = 127;

struct SixFit {
  float d = 0;
  std::array<float, kSixSubs> scale{};  // whole, ±kSixScaleMax
  float error = kInfinity;
};

Numbers six_sub(Numbers x, std::size_t s) { return x.subspan(s * kSixSub, kSixSub); }

/// Scales beside the one that is asked for are tried too: what d rounds, the neighbour may mend.
SixFit six_scales(Numbers x, float d, const std::array<float, kSixSubs>& steps) {
  SixFit out{d, {}, 0};
  for (std::size_t s = 0; s < kSixSubs; ++s) {
    const float wanted = std::clamp(steps[s] * inverse(d), -kSixScaleMax, kSixScaleMax);
    float least = kInfinity;
    for (const float beside : {0.0F, -1.0F, 1.0F}) {
      const float scale = std::clamp(nearest(wanted) + beside, -kSixScaleMax, kSixScaleMax);
      const float error = error_of_step(six_sub(x, s), d * scale, kSixLevels);
      if (!(error < least)) continue;
      least = error;
      out.scale[s] = scale;
    }
    out.error += least;
  }
  return out;
}

float refitted_d(Numbers x, const SixFit& fit) {
  float products = 0, squares = 0;
  for (std::size_t s = 0; s < kSixSubs; ++s) {
    const Numbers sub = six_sub(x, s);
    const float factor = inverse(fit.d * fit.scale[s]);
    const auto [product, square] = sums<2>(kSixSub, [&](std::size_t i) {
      const Four whole = fit.scale[s] * level_of(four_at(sub, i), factor, kSixLevels);
      return std::array{four_at(sub, i) * whole, whole * whole};
    });
    products += product;
    squares += square;
  }
  return squares == 0 ? fit.d : products / squares;
}

void improve(const std::array<float, kSixSubs>& steps, Numbers x, SixFit& best) {
  const float wanted = std::abs(largest_of(steps)) / kSixScaleMax;
  for (float d : {in_half(wanted), in_half_above(wanted)}) {
    for (int round = 0; round <= kRefits && std::isfinite(d); ++round) {
      const SixFit fit = six_scales(x, d, steps);
      if (fit.error < best.error) best = fit;
      d = in_half(refitted_d(x, fit));
    }
  }
}

bool fit_q6_k(Numbers x, SplitBlock& out) {
  std::array<float, kSixSubs> plain{}, searched{};
  for (std::size_t s = 0; s < kSixSubs; ++s) {
    const Numbers sub = six_sub(x, s);
    plain[s] = std::abs(largest_of(sub)) / kSixLevels.highest;
    searched[s] = best_step(sub, kSixLevels, std::span(kNarrower).first(3), std::identity());
  }
  SixFit best;
  improve(plain, x, best);
  improve(searched, x, best);
  if (!std::isfinite(best.error)) return false;
  out.d = best.d;
  for (std::size_t s = 0; s < kSixSubs; ++s) {
    out.sub_scale[s] = static_cast<std::int8_t>(best.scale[s]);
    put_codes(six_sub(x, s), best.d * best.scale[s], kSixLevels, 32, out.code + s * kSixSub);
  }
  return true;
}

// Q4_K: 8 sub-blocks of 32 numbers, w = d · scale · level − dmin · minimum.
constexpr std::size_t kFourSubs = 8;
constexpr std::size_t kFourSub = 32;
constexpr float kFourLevelMax = 15;
constexpr float kFourScaleMax = 63;  // of minimums too

/// x ≈ step · level − minimum, level 0 … kFourLevelMax; neither is below 0.
struct Line {
  float step = 0, minimum = 0;
};
using FourLines = std::array<Line, kFourSubs>;

Numbers four_sub(Numbers x, std::size_t s) { return x.subspan(s * kFourSub, kFourSub); }

Four line_level(Four x, Line line, float inverse_step) {
  return nearest(clamped((x + line.minimum) * inverse_step, 0.0F, kFourLevelMax));
}

float error_of_line(Numbers x, Line line) {
  const float factor = inverse(line.step);
  return sums<1>(x.size(), [&](std::size_t i) {
    const Four each = four_at(x, i);
    const Four off = each - (line.step * line_level(each, line, factor) - line.minimum);
    return std::array{off * off};
  })[0];
}

/// As TriedStep, of a line.
struct TriedLine {
  float error;
  Line better;
};

TriedLine try_line(Numbers x, Line line) {
  const float factor = inverse(line.step);
  const auto [error, l, ll, v, vl] = sums<5>(x.size(), [&](std::size_t i) {
    const Four each = four_at(x, i), level = line_level(each, line, factor);
    const Four off = each - (line.step * level - line.minimum);
    return std::array{off * off, level, level * level, each, each * level};
  });
  const auto n = static_cast<float>(x.size());
  const float determinant = n * ll - l * l;
  if (determinant <= 0) return {error, line};  // all levels are the same
  Line better{(n * vl - v * l) / determinant, 0};
  better.minimum = (better.step * l - v) / n;
  if (better.minimum < 0) better = {vl / ll, 0};
  return {error, better.step > 0 ? better : line};
}

/// The line whose levels reach over `share` of the range of the numbers, around its middle.
Line line_over(Numbers x, float share) {
  const auto [low, high] = std::ranges::minmax(x);
  const float lowest = std::min(low, 0.0F);
  const float cut = (high - lowest) * (1 - share) / 2;
  const float minimum = std::max(-(lowest + cut), 0.0F);
  return {(high - cut + minimum) / kFourLevelMax, minimum};
}

Line best_line(Numbers x) {
  Line best;
  float least = kInfinity;
  for (const float share : kNarrower) {
    Line line = line_over(x, share);
    for (int round = 0; round <= kRefits; ++round) {
      const TriedLine tried = try_line(x, line);
      if (tried.error < least) {
        least = tried.error;
        best = line;
      }
      line = tried.better;
    }
  }
  return best;
}

struct FourFit {
  float d = 0, dmin = 0;
  std::array<float, kFourSubs> scale{}, minimum{};  // whole, 0 … kFourScaleMax
  float error = kInfinity;

  Line line(std::size_t s) const { return {d * scale[s], dmin * minimum[s]}; }
};

/// Whole scales and minimums for given d and dmin: the nearest ones, then those beside them, first
/// of the scale, then of the minimum.
FourFit four_scales(Numbers x, float d, float dmin, const FourLines& lines) {
  FourFit out{d, dmin, {}, {}, 0};
  const auto whole = [](float wanted) { return nearest(std::clamp(wanted, 0.0F, kFourScaleMax)); };
  for (std::size_t s = 0; s < kFourSubs; ++s) {
    const Numbers sub = four_sub(x, s);
    float scale = whole(lines[s].step * inverse(d));
    float minimum = whole(lines[s].minimum * inverse(dmin));
    float least = error_of_line(sub, {d * scale, dmin * minimum});
    const auto try_beside = [&](float& moved) {
      const float middle = moved;
      for (const float other : {middle - 1, middle + 1}) {
        if (other < 0 || other > kFourScaleMax) continue;
        const float kept = std::exchange(moved, other);
        const float error = error_of_line(sub, {d * scale, dmin * minimum});
        if (error < least) {
          least = error;
        } else {
          moved = kept;
        }
      }
    };
    try_beside(scale);
    try_beside(minimum);
    out.scale[s] = scale;
    out.minimum[s] = minimum;
    out.error += least;
  }
  return out;
}

struct FourSteps {
  float d, dmin;
};

/// d and dmin of least squared error for the levels, scales and minimums of a fit.
FourSteps refitted(Numbers x, const FourFit& fit) {
  float aa = 0, ab = 0, bb = 0, xa = 0, xb = 0;  // x ≈ d · a − dmin · b
  for (std::size_t s = 0; s < kFourSubs; ++s) {
    const Numbers sub = four_sub(x, s);
    const Line line = fit.line(s);
    const float factor = inverse(line.step), b = fit.minimum[s];
    const auto [a1, a2, xa1, x1] = sums<4>(kFourSub, [&](std::size_t i) {
      const Four each = four_at(sub, i), a = fit.scale[s] * line_level(each, line, factor);
      return std::array{a, a * a, each * a, each};
    });
    aa += a2;
    xa += xa1;
    ab += a1 * b;
    bb += static_cast<float>(kFourSub) * b * b;
    xb += b * x1;
  }
  const float determinant = aa * bb - ab * ab;
  if (!(determinant > 0)) return {aa > 0 ? xa / aa : fit.d, fit.dmin};
  const FourSteps out{(xa * bb - xb * ab) / determinant, (xa * ab - xb * aa) / determinant};
  return out.d > 0 && out.dmin >= 0 ? out : FourSteps{fit.d, fit.dmin};
}

void improve(const FourLines& lines, Numbers x, FourFit& best) {
  const float step = std::ranges::max(lines, {}, &Line::step).step / kFourScaleMax;
  const float minimum = std::ranges::max(lines, {}, &Line::minimum).minimum / kFourScaleMax;
  for (FourSteps at : {FourSteps{in_half(step), in_half(minimum)},
                       FourSteps{in_half_above(step), in_half_above(minimum)}}) {
    for (int round = 0; round <= kRefits; ++round) {
      if (!std::isfinite(at.d) || !std::isfinite(at.dmin)) break;
      const FourFit fit = four_scales(x, at.d, at.dmin, lines);
      if (fit.error < best.error) best = fit;
      at = refitted(x, fit);
      at = {in_half(at.d), in_half(at.dmin)};
    }
  }
}

bool fit_q4_k(Numbers x, SplitBlock& out) {
  FourLines plain, searched;
  for (std::size_t s = 0; s < kFourSubs; ++s) {
    plain[s] = line_over(four_sub(x, s), 1.0F);
    searched[s] = best_line(four_sub(x, s));
  }
  FourFit best;
  improve(plain, x, best);
  improve(searched, x, best);
  if (!std::isfinite(best.error)) return false;
  out.d = best.d;
  out.dmin = best.dmin;
  for (std::size_t s = 0; s < kFourSubs; ++s) {
    out.sub_scale[s] = static_cast<std::int8_t>(best.scale[s]);
    out.sub_min[s] = static_cast<std::uint8_t>(best.minimum[s]);
    const Line line = best.line(s);
    const float factor = inverse(line.step);
    for (std::size_t i = s * kFourSub; i < (s + 1) * kFourSub; i += kFour) {
      const Four level = line_level(four_at(x, i), line, factor);
      for (std::size_t k = 0; k < kFour; ++k) out.code[i + k] = static_cast<std::uint8_t>(level[k]);
    }
  }
  return true;
}

bool fit(DType type, Numbers x, SplitBlock& out) {
  if (!std::ranges::all_of(x, [](float each) { return std::isfinite(each); })) return false;
  if (type == DType::q4_0) return fit_simple(x, {-8, 7}, kNarrower, 8, out);
  if (type == DType::q5_0) return fit_simple(x, {-16, 15}, kNarrower, 16, out);
  if (type == DType::q8_0)
    return fit_simple(x, {-127, 127}, std::span(kNarrower).first(1), 128, out);
  if (type == DType::q4_k) return fit_q4_k(x, out);
  return fit_q6_k(x, out);
}

}  // namespace

std::span<const DType> quantized_types() { return kTypes; }

bool quantize_row(DType type, std::span<const float> row, std::span<std::byte> out) {
  CHECK(std::ranges::find(kTypes, type) != kTypes.end());
  CHECK(bytes_of(type, row.size()) == out.size());
  const DTypeInfo& i = info(type);
  SplitBlock block{};
  for (std::size_t b = 0; b < row.size() / i.n_block; ++b) {
    if (!fit(type, row.subspan(b * i.n_block, i.n_block), block)) return false;
    join_block(type, block, out.data() + b * i.block_bytes);
  }
  return true;
}

}  // namespace plmm::tensor
