// The AMX tier: the AVX-512 tier with matrix products of many tokens on int8 tiles. Its table is
// beside that of AVX-512.
//
// A tile product covers one scale block (16 tokens × 16 rows × 32 inputs), is exact in 32-bit
// integers, and is scaled and added in f32 in the block's order: the same bits as every other tier.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernel/dispatch.h"
#include "kernel/tiers/tiers.h"

namespace plmm::kernel {
namespace amx {
namespace {

constexpr int kTokens = 16;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 warns inside its own AVX-512 header
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,amx-tile,amx-int8")

/// Tiles 0–3: results [16 tokens][16 rows] i32. Tiles 4, 5: activations [16 tokens][block inputs]
/// i8. Tiles 6, 7: weights [block inputs / 4][16 rows · 4] i8.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t column_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

void configure(int block_inputs) {
  TileConfig config;
  for (int i = 0; i < 8; ++i) {
    config.column_bytes[i] = static_cast<std::uint16_t>(i == 4 || i == 5 ? block_inputs : 64);
    config.rows[i] = static_cast<std::uint8_t>(i >= 6 ? block_inputs / 4 : kTokens);
  }
  // g++ 12's _tile_loadconfig tells the compiler of 8 bytes of input only; the rest would be
  // deleted as dead stores.
  __asm__ volatile("ldtilecfg %0" : : "m"(config));
}

/// The scaled sum of one result tile into the accumulators.
template <bool kMinimum>
inline void add_block(__m512 (&acc)[kTokens], const std::int32_t* tile, const float* scale,
                      const float* minimum, const float* x_scale, const float* x_sum,
                      int n_blocks) {
  const __m512 s = _mm512_loadu_ps(scale);
  const __m512 m = kMinimum ? _mm512_loadu_ps(minimum) : _mm512_setzero_ps();
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
    const __m512 exact = _mm512_cvtepi32_ps(_mm512_load_si512(tile + t * 16));
    acc[t] =
        _mm512_fmadd_ps(exact, _mm512_mul_ps(s, _mm512_set1_ps(x_scale[t * n_blocks])), acc[t]);
    if constexpr (kMinimum) {
      acc[t] = _mm512_fmadd_ps(m, _mm512_set1_ps(x_sum[t * n_blocks]), acc[t]);
    }
  }
}

/// Sixteen tokens against one panel. Blocks are taken two at a time so that one is multiplied while
/// the other is added.
template <bool kMinimum>
void tile_panel(const std::byte* lines, const float* scale, const float* minimum,
                const QuantizedRows& x, int t0, __m512 (&acc)[kTokens]) {
  alignas(64) std::int32_t result[2][kTokens * 16];
  const int n_blocks = x.n_in / kBlock;
  const std::int8_t* codes =
      x.codes + static_cast<std::size_t>(t0) * static_cast<std::size_t>(x.n_in);
  const float* x_scale =
      x.scale + static_cast<std::size_t>(t0) * static_cast<std::size_t>(n_blocks);
  const float* x_sum = x.sum + static_cast<std::size_t>(t0) * static_cast<std::size_t>(n_blocks);
  for (int b = 0; b < n_blocks; ++b) {
    std::int32_t* out = result[b % 2];
    const std::byte* block_lines = lines + static_cast<std::size_t>(b) * 512;
    if (b % 2 == 0) {
      _tile_zero(0);
      _tile_loadd(4, codes + b * kBlock, x.n_in);
      _tile_loadd(6, block_lines, 64);
      _tile_dpbssd(0, 4, 6);
      _tile_stored(0, out, 64);
    } else {
      _tile_zero(1);
      _tile_loadd(5, codes + b * kBlock, x.n_in);
      _tile_loadd(7, block_lines, 64);
      _tile_dpbssd(1, 5, 7);
      _tile_stored(1, out, 64);
    }
    add_block<kMinimum>(acc, out, scale + b * kPanelRows, minimum + b * kPanelRows, x_scale + b,
                        x_sum + b, n_blocks);
  }
}

/// The same where 16 inputs share a weight scale: two half-depth products a block.
template <bool kMinimum>
void tile_panel_half(const std::byte* lines, const float* scale, const float* minimum,
                     const QuantizedRows& x, int t0, __m512 (&acc)[kTokens]) {
  alignas(64) std::int32_t result[2][kTokens * 16];
  alignas(64) float sums[kTokens];
  const int n_blocks = x.n_in / kBlock;
  const auto row = static_cast<std::size_t>(t0);
  const std::int8_t* codes = x.codes + row * static_cast<std::size_t>(x.n_in);
  const float* x_scale = x.scale + row * static_cast<std::size_t>(n_blocks);
  const float* negsum = x.negsum_half + row * static_cast<std::size_t>(n_blocks) * 2;
  for (int b = 0; b < n_blocks; ++b) {
    const std::byte* block_lines = lines + static_cast<std::size_t>(b) * 512;
    _tile_zero(0);
    _tile_loadd(4, codes + b * kBlock, x.n_in);
    _tile_loadd(6, block_lines, 64);
    _tile_dpbssd(0, 4, 6);
    _tile_stored(0, result[0], 64);
    _tile_zero(1);
    _tile_loadd(5, codes + b * kBlock + 16, x.n_in);
    _tile_loadd(7, block_lines + 256, 64);
    _tile_dpbssd(1, 5, 7);
    _tile_stored(1, result[1], 64);
    for (int s = 0; s < 2; ++s) {
      if constexpr (kMinimum) {
        for (int t = 0; t < kTokens; ++t) {
          sums[t] = x_scale[t * n_blocks + b] * -negsum[t * 2 * n_blocks + 2 * b + s];
        }
      }
      const int sub = 2 * b + s;
      const __m512 w_scale = _mm512_loadu_ps(scale + sub * kPanelRows);
      const __m512 w_min =
          kMinimum ? _mm512_loadu_ps(minimum + sub * kPanelRows) : _mm512_setzero_ps();
#pragma GCC unroll 16
      for (int t = 0; t < kTokens; ++t) {
        const __m512 exact = _mm512_cvtepi32_ps(_mm512_load_si512(result[s] + t * 16));
        const __m512 both = _mm512_mul_ps(w_scale, _mm512_set1_ps(x_scale[t * n_blocks + b]));
        acc[t] = _mm512_fmadd_ps(exact, both, acc[t]);
        if constexpr (kMinimum) acc[t] = _mm512_fmadd_ps(w_min, _mm512_set1_ps(sums[t]), acc[t]);
      }
    }
  }
}

void write_tile(const __m512 (&acc)[kTokens], int n_tokens, int n_rows, float* y, int ldy,
                Epilogue epilogue) {
  const auto mask = static_cast<__mmask16>((1U << n_rows) - 1U);
  for (int t = 0; t < n_tokens; ++t) {
    float* at = y + static_cast<std::size_t>(t) * static_cast<std::size_t>(ldy);
    __m512 value = acc[t];
    if (epilogue == Epilogue::add) value = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, at), value);
    _mm512_mask_storeu_ps(at, mask, value);
  }
}

/// acc = sixteen tokens against one spread panel, by the layout's own loop.
inline void multiply(const PackedMatrix& w, const std::byte* spread, const QuantizedRows& x, int t0,
                     __m512 (&acc)[kTokens]) {
  const auto n = static_cast<std::size_t>(w.n_in);
  const auto* scale = reinterpret_cast<const float*>(spread + n * kPanelRows);
  const float* minimum = scale + n;
  for (auto& a : acc) a = _mm512_setzero_ps();
  const bool half = w.layout.n_sub == 16;
  if (half && w.layout.has_minimum)
    return tile_panel_half<true>(spread, scale, minimum, x, t0, acc);
  if (half) return tile_panel_half<false>(spread, scale, minimum, x, t0, acc);
  if (w.layout.has_minimum) return tile_panel<true>(spread, scale, minimum, x, t0, acc);
  tile_panel<false>(spread, scale, minimum, x, t0, acc);
}

/// Below this many tokens most of a tile would be wasted and AVX-512 is faster.
constexpr int kTokensMin = 6;

}  // namespace

void matmul(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
            int token_end, float* y, int ldy, Epilogue epilogue, std::byte* scratch) {
  if (token_end - token_begin < kTokensMin || token_begin % kTokens != 0) {
    return avx512::matmul(w, begin, end, x, token_begin, token_end, y, ldy, epilogue, scratch);
  }
  configure(w.layout.n_sub);
  const int n_group = panel_group(w.n_in);
  for (int p0 = begin; p0 < end; p0 += n_group) {
    const int n = end - p0 < n_group ? end - p0 : n_group;
    for (int g = 0; g < n; ++g) {
      avx512::spread_signed(w, p0 + g,
                            scratch + static_cast<std::size_t>(g) * spread_bytes(w.n_in));
    }
    for (int t0 = token_begin; t0 < token_end; t0 += kTokens) {
      const int n_tokens = token_end - t0 < kTokens ? token_end - t0 : kTokens;
      float* y_tile = y + static_cast<std::size_t>(t0) * static_cast<std::size_t>(ldy);
      for (int g = 0; g < n; ++g) {
        const int p = p0 + g;
        const int left = w.n_out - p * kPanelRows;
        __m512 acc[kTokens];
        multiply(w, scratch + static_cast<std::size_t>(g) * spread_bytes(w.n_in), x, t0, acc);
        write_tile(acc, n_tokens, left < kPanelRows ? left : kPanelRows,
                   y_tile + static_cast<std::size_t>(p - begin) * kPanelRows, ldy, epilogue);
      }
    }
  }
  _tile_release();
}

double int8_peak(int effort) {
  alignas(64) std::byte zeros[1024] = {};
  configure(64);
  _tile_loadd(4, zeros, 64);
  _tile_loadd(5, zeros, 64);
  _tile_loadd(6, zeros, 64);
  _tile_loadd(7, zeros, 64);
  const int n = 6000 * effort;
  for (int i = 0; i < n; ++i) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
  return 4.0 * 16 * 16 * 64 * n;
}

#pragma GCC pop_options
#pragma GCC diagnostic pop

}  // namespace amx
}  // namespace plmm::kernel
#endif
