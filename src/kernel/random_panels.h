// Seeded random numbers, stored blocks and packed matrices, and the comparison of bits. For tests
// only.
#pragma once

#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "kernel/dispatch.h"
#include "tensor/blocks.h"

namespace plmm::kernel {

using tensor::DType;

inline constexpr float kGuard = -12345.5F;  // written around outputs; must survive

inline std::vector<float> random_floats(Rng& rng, std::size_t n, float spread = 1.0F) {
  std::vector<float> out(n);
  for (auto& x : out) x = (static_cast<float>(rng.uniform()) - 0.5F) * 2.0F * spread;
  return out;
}

inline const Kernels& reference() { return *find_kernels("reference"); }

/// The first place where the bits differ (any NaN equals any NaN), or the number of both.
inline std::size_t first_difference(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::memcmp(&a[i], &b[i], sizeof a[i]) != 0) return i;
  }
  return a.size();
}

/// Random blocks whose f16 scales are small and finite.
inline std::vector<std::byte> random_blocks(Rng& rng, DType type, int n_rows, int n_in) {
  const auto& info = tensor::info(type);
  std::vector<std::byte> out(static_cast<std::size_t>(n_rows) *
                             tensor::bytes_of(type, static_cast<std::uint64_t>(n_in)).value());
  for (auto& b : out) b = static_cast<std::byte>(rng.next());
  const auto put = [&](std::size_t at) {
    const std::uint16_t half = tensor::f32_to_f16(static_cast<float>(rng.uniform() * 0.02 - 0.01));
    std::memcpy(out.data() + at, &half, 2);
  };
  for (std::size_t block = 0; block < out.size(); block += info.block_bytes) {
    using enum DType;
    if (type == q6_k || type == q3_k)
      put(block + info.block_bytes - 2);
    else if (type == q2_k) {
      put(block + 80);
      put(block + 82);
    } else if (info.n_block > 1)
      put(block);
    if (type == q4_k || type == q5_k || type == q4_1 || type == q5_1) put(block + 2);
    if (type == f16) put(block);
    if (type == bf16) {
      const auto h = tensor::f32_to_bf16(static_cast<float>(rng.uniform()));
      std::memcpy(out.data() + block, &h, 2);
    }
    if (type == f32) {
      const auto v = static_cast<float>(rng.uniform());
      std::memcpy(out.data() + block, &v, 4);
    }
  }
  return out;
}

inline PackedMatrix pack(DType type, const std::vector<std::byte>& data, int n_in, int n_out,
                         bool exact = false) {
  const StoredMatrix stored{type, n_in, n_out, data};
  auto out = allocate_packed(stored, exact);
  pack_panels(stored, {}, 0, out.n_panels(), out);
  return out;
}

inline constexpr DType kTypes[] = {DType::f32,  DType::f16,  DType::bf16, DType::q4_0, DType::q4_1,
                                   DType::q5_0, DType::q5_1, DType::q8_0, DType::q2_k, DType::q3_k,
                                   DType::q4_k, DType::q5_k, DType::q6_k};

}  // namespace plmm::kernel
