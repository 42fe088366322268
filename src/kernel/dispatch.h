// The kernels of one CPU tier as a table of functions, and the choice of the table at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/cpu.h"
#include "base/result.h"
#include "kernel/cache_layout.h"
#include "kernel/packed_matrix.h"

namespace plmm::kernel {

/// store: y = W·x. add: y += W·x (one rounding of the finished sum, then one of the addition).
enum class Epilogue : std::uint8_t { store, add };

/// Query rows that one attention() call may take.
inline constexpr int kQueryTile = 12;

/// One tile of queries that share a key-value head.
///   K [n_blocks][head_dim][16] (transposed by blocks of 16 positions) · V [position][head_dim];
///   int8: blocks of cache_layout.h
struct AttentionTile {
  CacheType cache;
  int head_dim;                    // a multiple of 16
  int n_queries;                   // 1 … kQueryTile
  const float* query[kQueryTile];  // each [head_dim], already scaled
  float* out[kQueryTile];          // each [head_dim]
  int first[kQueryTile];           // visible positions are [first, last)
  int last[kQueryTile];
  const void* keys;  // of this key-value head
  const void* values;
  float* scores;  // scratch [n_queries][ld_scores]; not needed with int8
  int ld_scores;  // ≥ last rounded up to 16
};

struct BackwardKernels;  // kernel/backward.h

/// Every tier computes the same bits as reference/ (NaN payloads aside): integer dots are exact,
/// and every float sum has one order, which reference/ writes down: blocks in turn (matmul), four
/// partial sums (matmul_float), two (scores), 16 lanes folded 8-4-2-1 (rms_norm, softmax's sum),
/// positions in turn (values), with int8 segments in turn. So an answer does not depend on the
/// machine, the number of threads or how a prompt is cut. The exception is attention over numbers
/// that are not finite, which only a broken model brings forth: one position's may spoil any query
/// of its tile, also one that does not see it. All pointers may be unaligned unless said.
struct Kernels {
  std::string_view name;

  /// out rows = x rows [n_rows][n_in] in 8 bits: scale = ±max|x| / 128 of each 32, so that the
  /// largest gets code −128; codes rounded to nearest even, at most 127. n_in a multiple of 32. A
  /// block with a NaN or infinity gets scale NaN.
  void (*quantize_rows)(const float* x, int ld, int row_begin, int row_end,
                        const QuantizedRows& out);

  /// y[t, row] for the rows of panels [begin, end), t in [token_begin, token_end); row 0 is the
  /// first of panel `begin`. Rows ≥ n_out of the matrix are not written.
  ///   y [n_tokens][ldy] · scratch scratch_bytes(n_in), 64-byte aligned, one per thread
  void (*matmul)(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
                 int token_end, float* y, int ldy, Epilogue epilogue, std::byte* scratch);

  /// The same for float panels (f32, f16, bf16) and float x [n_tokens][ldx].
  void (*matmul_float)(const PackedMatrix& w, int begin, int end, const float* x, int ldx,
                       int token_begin, int token_end, float* y, int ldy, Epilogue epilogue);

  /// out[i] = x[i] / sqrt(mean(x²) + epsilon) · weight[i]. out may be x.
  void (*rms_norm)(const float* x, const float* weight, int n, float epsilon, float* out);

  /// out[i] = (x[i] − mean(x)) / sqrt(variance(x) + epsilon) · weight[i] + bias[i]; the variance is
  /// that of the n values themselves. n ≥ 1. out may be x.
  void (*layer_norm)(const float* x, const float* weight, const float* bias, int n, float epsilon,
                     float* out);

  /// Rotates the pairs (x[i], x[i + n/2]) by the angles whose cosines and sines are given, each
  /// [n/2].
  void (*rope)(float* x, const float* cosines, const float* sines, int n);

  /// x[i] += y[i]
  void (*add)(float* x, const float* y, int n);
  /// x[i] *= factor
  void (*scale)(float* x, float factor, int n);
  /// gate[i] = silu(gate[i]) · up[i]
  void (*silu_multiply)(float* gate, const float* up, int n);
  /// gate[i] = gelu(gate[i]) · up[i], the tanh form
  void (*gelu_multiply)(float* gate, const float* up, int n);
  /// x[i] = gelu(x[i]) = x[i] · (1 + erf(x[i] / √2)) / 2, within 1e-6
  void (*gelu_exact)(float* x, int n);

  /// One position of one key-value head into the cache: key, value [head_dim]. An f16 cache takes
  /// what is beyond ±65504, infinity included, as ±65504; in an int8 cache a row with a NaN or
  /// infinity gets scale NaN.
  void (*store_kv)(CacheType type, const float* key, const float* value, int position, int head_dim,
                   void* keys, void* values);

  /// out[q] = softmax(query[q]·K over [first, last)) · V, for each query of the tile.
  void (*attention)(const AttentionTile& tile);

  /// The same in two steps, for an int8 cache: what each query of the tile has of the positions
  /// [segment · kSegment, (segment + 1) · kSegment), in row q of parts [n_queries][stride];
  /// anything where it sees none of them. Then of one query its n ≥ 1 parts, in the order of their
  /// positions, the first of which is overwritten.
  void (*attend_segment)(const AttentionTile& tile, int segment, float* parts, std::size_t stride);
  void (*join_segments)(float* parts, std::size_t stride, int n, int head_dim, float* out);

  /// Runs the tier's int8 multiply-accumulate on registers alone and returns how many it did (about
  /// 10⁸ · effort). For measuring the peak of one core.
  double (*int8_peak)(int effort);

  /// What training needs beyond these.
  const BackwardKernels* backward;
};

/// Bytes of scratch that matmul() needs for any matrix of up to n_in inputs.
std::size_t scratch_bytes(int n_in);

/// The tiers this build has and this CPU can run, best first; the last is always "reference".
std::span<const Kernels* const> available_kernels();

/// By name ("amx", "avx512", "avx2", "neon", "reference"); empty: the best. Null when unknown or
/// not runnable here.
const Kernels* find_kernels(std::string_view name);
/// The same; invalid_argument, with the names there are, in the place of null.
Result<const Kernels*> choose_kernels(std::string_view name);

}  // namespace plmm::kernel
