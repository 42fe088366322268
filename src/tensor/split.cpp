// The block layouts of the quantised types. Byte offsets are those of docs/formats/gguf.md.
#include "tensor/split.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "tensor/blocks.h"

namespace plmm::tensor {
namespace {

using Bytes = const std::uint8_t*;

std::uint16_t u16_at(Bytes p) { return static_cast<std::uint16_t>(p[0] | (p[1] << 8)); }
float f16_at(Bytes p) { return f16_to_f32(u16_at(p)); }
std::uint8_t bits(int value, int shift, int mask) {
  return static_cast<std::uint8_t>((value >> shift) & mask);
}

/// 32 four-bit codes: the low nibbles of 16 bytes are elements 0 … 15, the high ones 16 … 31.
void nibbles_of_32(Bytes q, std::uint8_t* __restrict code) {
  for (int i = 0; i < 16; ++i) {
    code[i] = bits(q[i], 0, 15);
    code[i + 16] = bits(q[i], 4, 15);
  }
}

/// Adds bit 4 of each of 32 codes from four bytes, bit i of the little-endian word for element i.
void add_fifth_bits(Bytes high, std::uint8_t* code) {
  for (int i = 0; i < 4; ++i) {
    for (int k = 0; k < 8; ++k)
      code[8 * i + k] = static_cast<std::uint8_t>(code[8 * i + k] | (bits(high[i], k, 1) << 4));
  }
}

void one_scale(SplitBlock& out) {
  out.sub_scale[0] = 1;
  out.sub_min[0] = 0;
  out.dmin = 0.0F;
}

void one_scale_and_minimum(Bytes minimum, SplitBlock& out) {
  out.sub_scale[0] = 1;
  out.sub_min[0] = 1;
  out.dmin = -f16_at(minimum);
}

// Q4_0: d f16, 16 bytes of nibbles.
void split_q4_0(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  one_scale(out);
  nibbles_of_32(p + 2, out.code);
}

// Q4_1: d f16, m f16, 16 bytes of nibbles.
void split_q4_1(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  one_scale_and_minimum(p + 2, out);
  nibbles_of_32(p + 4, out.code);
}

// Q5_0: d f16, 4 bytes of fifth bits, 16 bytes of nibbles.
void split_q5_0(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  one_scale(out);
  nibbles_of_32(p + 6, out.code);
  add_fifth_bits(p + 2, out.code);
}

// Q5_1: d f16, m f16, 4 bytes of fifth bits, 16 bytes of nibbles.
void split_q5_1(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  one_scale_and_minimum(p + 2, out);
  nibbles_of_32(p + 8, out.code);
  add_fifth_bits(p + 4, out.code);
}

// Q8_0: d f16, 32 signed bytes; flipping the sign bit adds 128.
void split_q8_0(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  one_scale(out);
  for (int i = 0; i < 32; ++i) out.code[i] = static_cast<std::uint8_t>(p[2 + i] ^ 0x80);
}

/// 256 two-bit codes in 64 bytes: each half of 32 bytes holds 128 elements, bits 2k of byte j for
/// element 32 k + j.
void two_bits_of_256(Bytes q, std::uint8_t* __restrict code) {
  for (int half = 0; half < 2; ++half, q += 32) {
    for (int k = 0; k < 4; ++k, code += 32) {
      for (int j = 0; j < 32; ++j) code[j] = bits(q[j], 2 * k, 3);
    }
  }
}

/// Adds bit k of byte j to element 32 k + j, as its bit `place`.
void add_bit_of_256(Bytes high, int place, std::uint8_t* __restrict code) {
  for (int k = 0; k < 8; ++k, code += 32) {
    for (int j = 0; j < 32; ++j)
      code[j] = static_cast<std::uint8_t>(code[j] | (bits(high[j], k, 1) << place));
  }
}

// Q2_K: 16 bytes of scale (low nibble) and minimum (high), 64 bytes of codes, d f16, dmin f16.
void split_q2_k(Bytes p, SplitBlock& out) {
  out.d = f16_at(p + 80);
  out.dmin = f16_at(p + 82);
  for (int s = 0; s < 16; ++s) {
    out.sub_scale[s] = static_cast<std::int8_t>(bits(p[s], 0, 15));
    out.sub_min[s] = bits(p[s], 4, 15);
  }
  two_bits_of_256(p + 16, out.code);
}

// Q3_K: 32 bytes of third bits, 64 bytes of low bits, 12 bytes of 6-bit scales, d f16.
void split_q3_k(Bytes p, SplitBlock& out) {
  out.d = f16_at(p + 108);
  out.dmin = 0.0F;
  const Bytes scales = p + 96;
  for (int s = 0; s < 16; ++s) {
    const int low = bits(scales[s % 8], 4 * (s / 8), 15);
    const int high = bits(scales[8 + s % 4], 2 * (s / 4), 3);
    out.sub_scale[s] = static_cast<std::int8_t>((low | (high << 4)) - 32);
    out.sub_min[s] = 0;
  }
  two_bits_of_256(p + 32, out.code);
  add_bit_of_256(p, 2, out.code);
}

/// The 12 bytes of eight 6-bit scales and eight 6-bit minimums that Q4_K and Q5_K share: sub-blocks
/// 0 … 3 in the low six bits of bytes 0 … 7; sub-blocks 4 … 7 as nibbles of bytes 8 … 11 under the
/// top two bits of bytes 0 … 7.
void six_bit_scales(Bytes p, SplitBlock& out) {
  for (int s = 0; s < 4; ++s) {
    out.sub_scale[s] = static_cast<std::int8_t>(bits(p[s], 0, 63));
    out.sub_min[s] = bits(p[s + 4], 0, 63);
    out.sub_scale[s + 4] =
        static_cast<std::int8_t>(bits(p[s + 8], 0, 15) | (bits(p[s], 6, 3) << 4));
    out.sub_min[s + 4] =
        static_cast<std::uint8_t>(bits(p[s + 8], 4, 15) | (bits(p[s + 4], 6, 3) << 4));
  }
}

/// 256 nibbles in 128 bytes: of each 32 bytes the low nibbles are 32 elements, the high ones the
/// next 32.
void nibbles_of_256(Bytes q, std::uint8_t* __restrict code) {
  for (int i = 0; i < 4; ++i, q += 32, code += 64) {
    for (int j = 0; j < 32; ++j) {
      code[j] = bits(q[j], 0, 15);
      code[j + 32] = bits(q[j], 4, 15);
    }
  }
}

// Q4_K: d f16, dmin f16, 12 bytes of scales, 128 bytes of nibbles.
void split_q4_k(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  out.dmin = f16_at(p + 2);
  six_bit_scales(p + 4, out);
  nibbles_of_256(p + 16, out.code);
}

// Q5_K: d f16, dmin f16, 12 bytes of scales, 32 bytes of fifth bits (bit k of byte j: element 32 k
// + j), 128 of nibbles.
void split_q5_k(Bytes p, SplitBlock& out) {
  out.d = f16_at(p);
  out.dmin = f16_at(p + 2);
  six_bit_scales(p + 4, out);
  nibbles_of_256(p + 48, out.code);
  add_bit_of_256(p + 16, 4, out.code);
}

// Q6_K: 128 bytes of low nibbles, 64 bytes of high bits, 16 signed scales, d f16. Of each 64 low
// bytes the low nibbles are 64 elements, the high ones the next 64; the high bits lie like Q2_K's
// codes.
void split_q6_k(Bytes p, SplitBlock& out) {
  out.d = f16_at(p + 208);
  out.dmin = 0.0F;
  std::memcpy(out.sub_scale, p + 192, 16);
  std::fill_n(out.sub_min, 16, std::uint8_t{0});
  std::uint8_t high[256];
  two_bits_of_256(p + 128, high);
  for (int half = 0; half < 2; ++half) {
    std::uint8_t* code = out.code + 128 * half;
    for (int j = 0; j < 64; ++j) {
      const std::uint8_t both = p[64 * half + j];
      code[j] = static_cast<std::uint8_t>(bits(both, 0, 15) | high[128 * half + j] << 4);
      code[j + 64] = static_cast<std::uint8_t>(bits(both, 4, 15) | high[128 * half + 64 + j] << 4);
    }
  }
}

}  // namespace

bool is_quantised(DType type) {
  return type != DType::f32 && type != DType::f16 && type != DType::bf16;
}

SplitTraits split_traits(DType type) {
  switch (type) {
    case DType::q4_0:
      return {32, 32, 8, 4, false};
    case DType::q4_1:
      return {32, 32, 0, 4, true};
    case DType::q5_0:
      return {32, 32, 16, 5, false};
    case DType::q5_1:
      return {32, 32, 0, 5, true};
    case DType::q8_0:
      return {32, 32, 128, 8, false};
    case DType::q2_k:
      return {256, 16, 0, 2, true};
    case DType::q3_k:
      return {256, 16, 4, 3, false};
    case DType::q4_k:
      return {256, 32, 0, 4, true};
    case DType::q5_k:
      return {256, 32, 0, 5, true};
    case DType::q6_k:
      return {256, 16, 32, 6, false};
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      break;
  }
  CHECK(is_quantised(type));
  std::unreachable();
}

void split_block(DType type, const std::byte* block, SplitBlock& out) {
  const auto* const p = reinterpret_cast<Bytes>(block);
  switch (type) {
    case DType::q4_0:
      return split_q4_0(p, out);
    case DType::q4_1:
      return split_q4_1(p, out);
    case DType::q5_0:
      return split_q5_0(p, out);
    case DType::q5_1:
      return split_q5_1(p, out);
    case DType::q8_0:
      return split_q8_0(p, out);
    case DType::q2_k:
      return split_q2_k(p, out);
    case DType::q3_k:
      return split_q3_k(p, out);
    case DType::q4_k:
      return split_q4_k(p, out);
    case DType::q5_k:
      return split_q5_k(p, out);
    case DType::q6_k:
      return split_q6_k(p, out);
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      break;
  }
  CHECK(is_quantised(type));
}

}  // namespace plmm::tensor
