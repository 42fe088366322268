// Numbers that every tier and the reference share.
#pragma once

#include <cstdint>

namespace plmm::kernel {

/// Four codes that a product takes at once.
struct FourCodes {
  std::int8_t code[4];
};
[[gnu::always_inline]] inline int four_codes(const std::int8_t* x) {
  int out;
  __builtin_memcpy(&out, x, 4);
  return out;
}

/// The largest magnitude of a block becomes code −128, whatever its sign: the scale takes the sign.
/// A step of 1/128 rather than 1/127 of it leaves 1.6 % less error (squared).
inline constexpr float kCodeLargest = 128.0F;
/// Blocks whose largest magnitude is below this are stored as zero: 128 / largest must not
/// overflow.
inline constexpr float kSmallestScaled = 1e-30F;

inline constexpr float kExpMin = -87.0F;  // e⁻⁸⁷ is the last above the subnormals
inline constexpr float kExpMax = 88.0F;   // e⁸⁸ is the last below infinity
inline constexpr float kLog2E = 1.44269504088896341F;
inline constexpr float kRoundMagic =
    12582912.0F;  // 1.5 · 2²³: adding it rounds to an integer in the low bits
inline constexpr int kRoundMagicBits = 0x4B400000;
inline constexpr float kLn2High = 0.693359375F;  // 9 bits: n · kLn2High is exact
inline constexpr float kLn2Low = -2.12194440e-4F;
/// Cephes' expf polynomial for |r| ≤ ln 2 / 2, highest power first; the last two terms are r and 1.
inline constexpr float kExpPolynomial[8] = {1.9875691500e-4F,
                                            1.3981999507e-3F,
                                            8.3334519073e-3F,
                                            4.1665795894e-2F,
                                            1.6666665459e-1F,
                                            5.0000001201e-1F,
                                            1.0F,
                                            1.0F};

inline constexpr float kHalfMax = 65504.0F;  // the largest finite f16

/// The largest codes of an int8 cache, and of the queries and weights that it is multiplied with in
/// two halves of 7 bits: 2 · 255 · 64 and 2 · 127 · 127 fit 16 bits, as AVX2 adds them.
inline constexpr float kKeyCodeMax = 2047.0F;
inline constexpr float kValueCodeMax = 127.0F;
inline constexpr float kQueryCodeMax = 8191.0F;
inline constexpr float kWeightCodeMax = 16383.0F;

inline constexpr float kGeluCubic = 0.044715F;
inline constexpr float kGeluTwiceRootTwoOverPi = 1.5957691216057308F;  // 2·√(2/π)

/// erf(x) ≈ x · P(x²) / Q(x²) for |x| ≤ kErfMax, within 4 ulp; highest power first. Source: Eigen's
/// erf for f32.
inline constexpr float kErfMax = 4.0F;
inline constexpr float kErfNumerator[7] = {
    -2.72614225801306e-10F, 2.77068142495902e-08F,  -2.10102402082508e-06F, -5.69250639462346e-05F,
    -7.34990630326855e-04F, -2.95459980854025e-03F, -1.60960333262415e-02F};
inline constexpr float kErfDenominator[5] = {-1.45660718464996e-05F, -2.13374055278905e-04F,
                                             -1.68282697438203e-03F, -7.37332916720468e-03F,
                                             -1.42647390514189e-02F};
inline constexpr float kRootHalf = 0.70710678118654752F;

}  // namespace plmm::kernel
