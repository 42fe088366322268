// The kernels of training: float products in one order of sums, and the gradients of each stage of
// a transformer block. docs/training.md derives the formulas.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/packed_matrix.h"

namespace plmm::kernel {

/// Whether a sum begins with 0 or with what the output holds.
enum class Start : std::uint8_t { zero, old };

/// C[m, n] = start + Σ_d a[m, d] · b[d, n], one multiply-add (rounded once) for each d, in order.
///   a at a[m · a_row + d · a_depth], so that either order of a can be read · b [depth][ldb] ·
///   c [n_rows][ldc]; strides in floats; c overlaps neither a nor b
struct FloatProduct {
  int n_rows = 0;
  int n_columns = 0;
  int depth = 0;
  const float* a = nullptr;
  std::size_t a_row = 0;
  std::size_t a_depth = 1;
  const float* b = nullptr;
  std::size_t ldb = 0;
  float* c = nullptr;
  std::size_t ldc = 0;
  Start start = Start::zero;
};

/// Columns that product_transposed() computes together; a range that it gets begins at a multiple.
inline constexpr int kStripColumns = 32;

/// As Kernels: every tier computes the bits of reference/backward.cpp. Pointers may be unaligned.
struct BackwardKernels {
  void (*product)(const FloatProduct& p);

  /// dx[t, k] = start + Σ over rows of dy[t, row] · w[row, k], in the order of rows, for the
  /// columns k in [begin, end): the gradient of y = W·x by x. Weights are decoded as
  /// docs/formats/packed.md says. begin a multiple of kStripColumns.
  ///   dy [n_tokens][lddy] · dx [n_tokens][lddx], the whole rows
  void (*product_transposed)(const PackedMatrix& w, const float* dy, std::size_t lddy, int n_tokens,
                             int begin, int end, float* dx, std::size_t lddx, Start start);

  /// out = aᵀ: out[j · ldo + i] = a[i · lda + j] for i < m, j < n.
  void (*transpose)(const float* a, std::size_t lda, int m, int n, float* out, std::size_t ldo);

  /// The gradient of rms_norm(x) · weight by x, where dy is that of its output, is added to dx, or
  /// stored. dx may be dy.
  void (*rms_norm_backward)(const float* x, const float* weight, const float* dy, int n,
                            float epsilon, Start start, float* dx);

  /// Turns the pairs back: the gradient of rope by its input, in place.
  void (*rope_backward)(float* dx, const float* cosines, const float* sines, int n);

  /// gate, up: in the inputs of silu_multiply, out the gradients by them; d [n] the gradient by
  /// its output. The same for gelu_multiply.
  void (*silu_backward)(float* gate, float* up, const float* d, int n);
  void (*gelu_backward)(float* gate, float* up, const float* d, int n);

  /// In place, scores [begin, end), multiples of 16: softmax over [first, last), 0 outside.
  void (*softmax)(float* scores, int first, int last, int begin, int end);
  /// dp[i] = p[i] · (dp[i] − Σ p·dp): the gradient by the scores; n a multiple of 16.
  void (*softmax_backward)(const float* p, float* dp, int n);

  /// The largest of n ≥ 1 numbers; Σ exp(x − shift) in 16 lanes; x = exp(x − shift) · factor.
  float (*maximum)(const float* x, int n);
  float (*exponential_sum)(const float* x, int n, float shift);
  void (*probabilities)(float* x, int n, float shift, float factor);

  /// Runs multiply-adds of f32 on registers alone and returns how many it did (about 10⁸ · effort).
  double (*float_peak)(int effort);
};

}  // namespace plmm::kernel
