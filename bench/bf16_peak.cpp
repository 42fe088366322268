// The most bf16 multiply-accumulates that one core can do: a loop on registers or tiles.
#include "base/cpu.h"
#include "bench/machine.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <cstdint>
#endif

namespace plmm::bench {
#if defined(__x86_64__)
namespace {

constexpr double kUnit = 1e8;  // multiply-accumulates of one effort
constexpr int kSums = 12;      // independent sums hide the latency of the instruction

[[gnu::target("avx512f,avx512bf16")]] double run_vectors(int effort) {
  constexpr double kEach = 32.0 * kSums;  // 16 lanes of two products
  const auto n = static_cast<std::int64_t>(effort * kUnit / kEach);
  const __m512bh one = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3F803F80));
  __m512 sums[kSums];
  for (auto& sum : sums) sum = _mm512_setzero_ps();
  for (std::int64_t i = 0; i < n; ++i) {
    for (auto& sum : sums) {
      sum = _mm512_dpbf16_ps(sum, one, one);
      asm volatile("" : "+v"(sum));
    }
  }
  return static_cast<double>(n) * kEach;
}

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> column_bytes{};
  std::array<std::uint8_t, 16> rows{};
};

[[gnu::target("amx-tile,amx-bf16")]] double run_tiles(int effort) {
  constexpr double kEach = 4.0 * 16 * 16 * 32;  // four results of 16 × 16, depth 32
  TileConfig config;
  for (std::size_t tile = 0; tile < 8; ++tile) {
    config.column_bytes[tile] = 64;
    config.rows[tile] = 16;
  }
  // g++ 12's _tile_loadconfig tells the compiler of 8 bytes of input only.
  __asm__ volatile("ldtilecfg %0" : : "m"(config));
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  const auto n = static_cast<std::int64_t>(effort * kUnit / kEach);
  for (std::int64_t i = 0; i < n; ++i) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(n) * kEach;
}

}  // namespace

double run_bf16(int effort) {
  static const CpuFeatures cpu = detect_cpu();
  if (cpu.amx_bf16) return run_tiles(effort);
  if (cpu.avx512_bf16) return run_vectors(effort);
  return 0;
}
#else
double run_bf16(int) { return 0; }
#endif

}  // namespace plmm::bench
