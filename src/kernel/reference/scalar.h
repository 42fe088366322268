// What the reference kernels share: the order in which lanes are folded, and the exponential.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>

#include "kernel/tiers/constants.h"

namespace plmm::kernel::reference {

inline std::size_t at(int row, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
}

/// Lane i + lane i+8, then +4, +2, +1.
inline float fold(const float (&lane)[16]) {
  float v[16];
  for (int i = 0; i < 16; ++i) v[i] = lane[i];
  for (int half = 8; half >= 1; half /= 2) {
    for (int i = 0; i < half; ++i) v[i] += v[i + half];
  }
  return v[0];
}

/// eˣ = 2ⁿ · e^r with n = round(x / ln 2), x clamped to [kExpMin, kExpMax]. Source: Cephes expf.
inline float exponential(float x) {
  float clamped = -x > -kExpMax ? -x : -kExpMax;
  clamped = -clamped > kExpMin ? -clamped : kExpMin;
  const float shifted = std::fma(clamped, kLog2E, kRoundMagic);
  const float n = shifted - kRoundMagic;
  float r = std::fma(-n, kLn2High, clamped);
  r = std::fma(-n, kLn2Low, r);
  float p = kExpPolynomial[0];
  for (int i = 1; i < 8; ++i) p = std::fma(p, r, kExpPolynomial[i]);
  const int exponent = std::bit_cast<int>(shifted) - (kRoundMagicBits - 127);
  return p * std::bit_cast<float>(exponent << 23);
}

}  // namespace plmm::kernel::reference
