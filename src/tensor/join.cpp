// Split blocks written as files store them. Byte offsets are those of docs/formats/gguf.md.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "tensor/blocks.h"
#include "tensor/quantize.h"

namespace plmm::tensor {
namespace {

using Bytes = std::uint8_t*;

void put_half(Bytes p, float value) {
  const std::uint16_t half = f32_to_f16(value);
  std::memcpy(p, &half, sizeof half);
}

std::uint8_t nibbles(int low, int high) { return static_cast<std::uint8_t>(low | high << 4); }

void join_q4_0(const SplitBlock& block, Bytes p) {
  put_half(p, block.d);
  for (int i = 0; i < 16; ++i) p[2 + i] = nibbles(block.code[i], block.code[i + 16]);
}

void join_q5_0(const SplitBlock& block, Bytes p) {
  put_half(p, block.d);
  std::fill_n(p + 2, 4, std::uint8_t{0});
  for (int i = 0; i < 32; ++i)
    p[2 + i / 8] = static_cast<std::uint8_t>(p[2 + i / 8] | (block.code[i] >> 4) << i % 8);
  for (int i = 0; i < 16; ++i) p[6 + i] = nibbles(block.code[i] & 15, block.code[i + 16] & 15);
}

void join_q8_0(const SplitBlock& block, Bytes p) {
  put_half(p, block.d);
  for (int i = 0; i < 32; ++i) p[2 + i] = block.code[i] ^ 0x80;
}

/// Eight 6-bit scales and minimums in 12 bytes: those of sub-blocks 0 … 3 in the low six bits of
/// bytes 0 … 7; of 4 … 7 four bits each in bytes 8 … 11 and two on top of bytes 0 … 7.
void put_six_bit_scales(const SplitBlock& block, Bytes p) {
  for (int s = 0; s < 4; ++s) {
    const int scale = block.sub_scale[s + 4], minimum = block.sub_min[s + 4];
    p[s] = static_cast<std::uint8_t>(block.sub_scale[s] | (scale >> 4) << 6);
    p[s + 4] = static_cast<std::uint8_t>(block.sub_min[s] | (minimum >> 4) << 6);
    p[s + 8] = nibbles(scale & 15, minimum & 15);
  }
}

void join_q4_k(const SplitBlock& block, Bytes p) {
  put_half(p, block.d);
  put_half(p + 2, block.dmin);
  put_six_bit_scales(block, p + 4);
  for (int i = 0; i < 4; ++i) {
    const std::uint8_t* const code = block.code + 64 * i;
    for (int j = 0; j < 32; ++j) p[16 + 32 * i + j] = nibbles(code[j], code[j + 32]);
  }
}

void join_q6_k(const SplitBlock& block, Bytes p) {
  for (int half = 0; half < 2; ++half) {
    const std::uint8_t* const code = block.code + 128 * half;
    for (int j = 0; j < 64; ++j) p[64 * half + j] = nibbles(code[j] & 15, code[j + 64] & 15);
    for (int j = 0; j < 32; ++j) {
      int high = 0;
      for (int k = 0; k < 4; ++k) high |= (code[32 * k + j] >> 4) << 2 * k;
      p[128 + 32 * half + j] = static_cast<std::uint8_t>(high);
    }
  }
  std::memcpy(p + 192, block.sub_scale, 16);
  put_half(p + 208, block.d);
}

}  // namespace

void join_block(DType type, const SplitBlock& block, std::byte* out) {
  auto* const p = reinterpret_cast<Bytes>(out);
  CHECK(std::ranges::find(quantized_types(), type) != quantized_types().end());
  if (type == DType::q4_0) return join_q4_0(block, p);
  if (type == DType::q5_0) return join_q5_0(block, p);
  if (type == DType::q8_0) return join_q8_0(block, p);
  if (type == DType::q4_k) return join_q4_k(block, p);
  join_q6_k(block, p);
}

}  // namespace plmm::tensor
