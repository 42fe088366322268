// Decoding to f32 in a written order of roundings, and the half-precision conversions.
#include "tensor/blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "tensor/split.h"

namespace plmm::tensor {
namespace {

void decode_f32(std::span<const std::byte> row, std::span<float> out) {
  if (!out.empty()) std::memcpy(out.data(), row.data(), out.size_bytes());
}

template <float (*to_f32)(std::uint16_t)>
void decode_halves(std::span<const std::byte> row, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, row.data() + 2 * i, 2);
    out[i] = to_f32(half);
  }
}

void decode_block(const SplitTraits& traits, const SplitBlock& block, float* out) {
  for (int s = 0; s < traits.n_block / traits.n_sub; ++s) {
    const float scale = block.d * static_cast<float>(block.sub_scale[s]);
    const float minimum = block.dmin * static_cast<float>(block.sub_min[s]);
    for (int i = s * traits.n_sub; i < (s + 1) * traits.n_sub; ++i) {
      const float product = scale * static_cast<float>(block.code[i] - traits.zero);
      out[i] = traits.has_min ? product - minimum : product;
    }
  }
}

}  // namespace

void decode_row(DType type, std::span<const std::byte> row, std::span<float> out) {
  CHECK(bytes_of(type, out.size()) == row.size());
  if (type == DType::f32) return decode_f32(row, out);
  if (type == DType::f16) return decode_halves<f16_to_f32>(row, out);
  if (type == DType::bf16) return decode_halves<bf16_to_f32>(row, out);
  const DTypeInfo& i = info(type);
  const SplitTraits traits = split_traits(type);
  SplitBlock block;
  for (std::size_t b = 0; b < out.size() / i.n_block; ++b) {
    split_block(type, row.data() + b * i.block_bytes, block);
    decode_block(traits, block, out.data() + b * i.n_block);
  }
}

bool encode_q8_0(std::span<const float> row, std::span<std::byte> out) {
  constexpr float kCodeMax = 127.0F;
  const DTypeInfo& i = info(DType::q8_0);
  CHECK(bytes_of(DType::q8_0, row.size()) == out.size());
  for (std::size_t b = 0; b < row.size() / i.n_block; ++b) {
    const auto in = row.subspan(b * i.n_block, i.n_block);
    float largest = 0.0F;
    for (const float x : in) {
      if (!std::isfinite(x)) return false;
      largest = std::max(largest, std::abs(x));
    }
    const std::uint16_t half = f32_to_f16(largest / kCodeMax);
    const float scale = f16_to_f32(half);  // codes are of the scale that is stored
    if (!std::isfinite(scale)) return false;
    std::byte* const block = out.data() + b * i.block_bytes;
    std::memcpy(block, &half, sizeof half);
    for (std::size_t k = 0; k < in.size(); ++k) {
      const float code = scale == 0.0F ? 0.0F : std::nearbyint(in[k] / scale);
      block[sizeof half + k] =
          static_cast<std::byte>(static_cast<std::int8_t>(std::clamp(code, -kCodeMax, kCodeMax)));
    }
  }
  return true;
}

float f16_to_f32(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 31U;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0) {  // zero and subnormals: mantissa · 2^-24, exact in f32
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13));
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) |
                              (mantissa << 13));  // 112 = 127 - 15
}

std::uint16_t f32_to_f16(float value) {
  const auto all = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (all >> 16) & 0x8000U;
  const std::uint32_t magnitude = all & 0x7FFFFFFFU;
  std::uint32_t half = 0;
  if (magnitude > 0x7F800000U) {
    half = 0x7E00U | ((magnitude >> 13) & 0x3FFU);  // NaN: quiet, the payload's upper bits kept
  } else if (magnitude >= 0x477FF000U) {
    half = 0x7C00U;  // 65520 and above round to infinity
  } else if (magnitude < 0x38800000U) {
    // Below 2^-14 the result counts in steps of 2^-24, which is the last place of 0.5: the addition
    // rounds.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    half = std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5F);
  } else {
    half = ((magnitude + 0xFFFU + ((magnitude >> 13) & 1U)) >> 13) - (112U << 10);
  }
  return static_cast<std::uint16_t>(sign | half);
}

float bf16_to_f32(std::uint16_t half) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
}

std::uint16_t f32_to_bf16(float value) {
  const auto all = std::bit_cast<std::uint32_t>(value);
  if ((all & 0x7FFFFFFFU) > 0x7F800000U) {
    return static_cast<std::uint16_t>((all >> 16) |
                                      0x40U);  // quiet, so that it cannot become infinity
  }
  return static_cast<std::uint16_t>((all + 0x7FFFU + ((all >> 16) & 1U)) >> 16);
}

}  // namespace plmm::tensor
