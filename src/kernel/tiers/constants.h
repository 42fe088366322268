// Numbers that every tier and the reference share.
#pragma once

namespace plmm::kernel {

/// Blocks whose largest magnitude is below this are stored as zero: 127 / largest must not
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

inline constexpr float kGeluCubic = 0.044715F;
inline constexpr float kGeluTwiceRootTwoOverPi = 1.5957691216057308F;  // 2·√(2/π)

}  // namespace plmm::kernel
