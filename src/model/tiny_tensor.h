// Tensors of any type with seeded random weights. For tests and fuzzing only.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "tensor/blocks.h"

namespace plmm::model {

struct TinyTensor {
  tensor::DType type;
  std::vector<std::uint64_t> ne;  // GGUF order: row length first
  std::string bytes;

  std::vector<float> decoded() const {
    std::uint64_t n = 1;
    for (const auto dim : ne) n *= dim;
    std::vector<float> out(n);
    tensor::decode_row(type, std::as_bytes(std::span(bytes)), out);
    return out;
  }
  static TinyTensor of(std::vector<std::uint64_t> ne, const std::vector<float>& values) {
    TinyTensor out{tensor::DType::f32, std::move(ne), std::string(values.size() * 4, '\0')};
    std::memcpy(out.bytes.data(), values.data(), out.bytes.size());
    return out;
  }
};

/// Where a block keeps its f16 scale (and minimum), and how wide its random codes spread.
struct RandomBlock {
  tensor::DType type;
  std::size_t scale_at;
  float spread;         // of the values of random codes where the scale is 1
  std::size_t min_at;   // only where min_per_scale is not 0
  float min_per_scale;  // centres the values on 0
};
inline constexpr RandomBlock kRandomBlocks[] = {
    {tensor::DType::q4_0, 0, 4.6F, 0, 0},       {tensor::DType::q4_1, 0, 4.6F, 2, -7.5F},
    {tensor::DType::q5_0, 0, 9.2F, 0, 0},       {tensor::DType::q5_1, 0, 9.2F, 2, -15.5F},
    {tensor::DType::q8_0, 0, 74.0F, 0, 0},      {tensor::DType::q2_k, 80, 12.0F, 82, 1.5F},
    {tensor::DType::q3_k, 108, 43.0F, 0, 0},    {tensor::DType::q4_k, 0, 250.0F, 2, 7.5F},
    {tensor::DType::q5_k, 0, 500.0F, 2, 15.5F}, {tensor::DType::q6_k, 208, 1400.0F, 0, 0}};

/// n random elements of spread about `spread`.
inline std::string random_elements(Rng& rng, tensor::DType type, std::uint64_t n, float spread) {
  std::string out(tensor::bytes_of(type, n).value(), '\0');
  const auto& info = tensor::info(type);
  const auto half = [&](std::size_t at, std::uint16_t value) {
    std::memcpy(out.data() + at, &value, 2);
  };
  if (info.n_block == 1) {
    for (std::size_t at = 0; at < out.size(); at += info.block_bytes) {
      const auto value = static_cast<float>((rng.uniform() - 0.5) * 3.4) * spread;
      if (type == tensor::DType::f32) std::memcpy(out.data() + at, &value, 4);
      if (type == tensor::DType::f16) half(at, tensor::f32_to_f16(value));
      if (type == tensor::DType::bf16) half(at, tensor::f32_to_bf16(value));
    }
    return out;
  }
  for (char& byte : out) byte = static_cast<char>(rng.next());
  for (const RandomBlock& block : kRandomBlocks) {
    if (block.type != type) continue;
    for (std::size_t at = 0; at < out.size(); at += info.block_bytes) {
      const float scale = spread / block.spread * static_cast<float>(0.5 + rng.uniform());
      half(at + block.scale_at, tensor::f32_to_f16(scale));
      if (block.min_per_scale != 0)
        half(at + block.min_at, tensor::f32_to_f16(scale * block.min_per_scale));
    }
  }
  return out;
}

}  // namespace plmm::model
