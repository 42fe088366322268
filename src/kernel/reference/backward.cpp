// The specification of the kernels of training. Sums in 16 lanes are folded as in reference.cpp.
#include "kernel/backward.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel/reference/backward.h"
#include "kernel/reference/panel_codes.h"
#include "kernel/reference/scalar.h"

namespace plmm::kernel::reference {
namespace {

void product(const FloatProduct& p) {
  for (int m = 0; m < p.n_rows; ++m) {
    for (int n = 0; n < p.n_columns; ++n) {
      const auto row = static_cast<std::size_t>(m), column = static_cast<std::size_t>(n);
      float& c = p.c[row * p.ldc + column];
      float sum = p.start == Start::old ? c : 0.0F;
      for (int d = 0; d < p.depth; ++d) {
        const auto term = static_cast<std::size_t>(d);
        sum = std::fma(p.a[row * p.a_row + term * p.a_depth], p.b[term * p.ldb + column], sum);
      }
      c = sum;
    }
  }
}

float decoded_weight(const PackedMatrix& w, int row, int k) {
  const int p = row / kPanelRows, lane = row % kPanelRows;
  if (w.is_float()) return panel_weight(w, p, lane, k);
  const int zero = w.layout.zero_shift < 0 ? 0 : 1 << w.layout.zero_shift;
  const PanelScale scale = panel_scale(w, p, lane, k / w.layout.n_sub);
  const float value = static_cast<float>(panel_code(w, p, lane, k) - zero) * scale.scale;
  return w.layout.has_minimum ? value + scale.minimum : value;
}

void product_transposed(const PackedMatrix& w, const float* dy, std::size_t lddy, int n_tokens,
                        int begin, int end, float* dx, std::size_t lddx, Start start) {
  for (int t = 0; t < n_tokens; ++t) {
    for (int k = begin; k < end; ++k) {
      float& out = dx[static_cast<std::size_t>(t) * lddx + static_cast<std::size_t>(k)];
      float sum = start == Start::old ? out : 0.0F;
      for (int row = 0; row < w.n_out; ++row) {
        const float d = dy[static_cast<std::size_t>(t) * lddy + static_cast<std::size_t>(row)];
        sum = std::fma(d, decoded_weight(w, row, k), sum);
      }
      out = sum;
    }
  }
}

void transpose(const float* a, std::size_t lda, int m, int n, float* out, std::size_t ldo) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      out[static_cast<std::size_t>(j) * ldo + static_cast<std::size_t>(i)] =
          a[static_cast<std::size_t>(i) * lda + static_cast<std::size_t>(j)];
    }
  }
}

/// With g = dy · weight and r = 1 / sqrt(mean(x²) + epsilon): dx = r · (g − x · r² · mean(g · x)).
void rms_norm_backward(const float* x, const float* weight, const float* dy, int n, float epsilon,
                       Start start, float* dx) {
  float squares[16] = {}, dots[16] = {};
  for (int i = 0; i < n; ++i) {
    squares[i % 16] = std::fma(x[i], x[i], squares[i % 16]);
    dots[i % 16] = std::fma(dy[i] * weight[i], x[i], dots[i % 16]);
  }
  const auto width = static_cast<float>(n);
  const float inverse = 1.0F / std::sqrt(fold(squares) / width + epsilon);
  const float factor = inverse * inverse * (fold(dots) / width);
  for (int i = 0; i < n; ++i) {
    const float d = std::fma(-x[i], factor, dy[i] * weight[i]) * inverse;
    dx[i] = start == Start::old ? dx[i] + d : d;
  }
}

void rope_backward(float* dx, const float* cosines, const float* sines, int n) {
  const int half = n / 2;
  for (int i = 0; i < half; ++i) {
    const float a = dx[i], b = dx[half + i];
    dx[i] = std::fma(b, sines[i], a * cosines[i]);
    dx[half + i] = std::fma(-a, sines[i], b * cosines[i]);
  }
}

/// out = g · σ(inner) · u: d out / d g = u · (σ + g · σ · (1 − σ) · d inner / d g).
void gate_backward(float& gate, float& up, float d, float inner, float slope) {
  const float sigmoid = 1.0F / (1.0F + exponential(-inner));
  const float gated = gate * sigmoid;
  const float bend = gated * (1.0F - sigmoid) * slope;
  gate = d * up * (sigmoid + bend);
  up = d * gated;
}

void silu_backward(float* gate, float* up, const float* d, int n) {
  for (int i = 0; i < n; ++i) gate_backward(gate[i], up[i], d[i], gate[i], 1.0F);
}

void gelu_backward(float* gate, float* up, const float* d, int n) {
  for (int i = 0; i < n; ++i) {
    const float g = gate[i], square = g * g;
    const float inner = std::fma(square * g, kGeluCubic, g) * kGeluTwiceRootTwoOverPi;
    const float slope = std::fma(square, 3.0F * kGeluCubic, 1.0F) * kGeluTwiceRootTwoOverPi;
    gate_backward(gate[i], up[i], d[i], inner, slope);
  }
}

void softmax(float* scores, int first, int last, int begin, int end) {
  float best = -std::numeric_limits<float>::infinity();
  for (int i = first; i < last; ++i) best = std::max(best, scores[i]);
  float lane[16] = {};
  for (int i = begin; i < end; ++i) {
    scores[i] = i < first || i >= last ? 0.0F : exponential(scores[i] - best);
    lane[i % 16] += scores[i];
  }
  const float inverse = 1.0F / fold(lane);
  for (int i = begin; i < end; ++i) scores[i] *= inverse;
}

void softmax_backward(const float* p, float* dp, int n) {
  float lane[16] = {};
  for (int i = 0; i < n; ++i) lane[i % 16] = std::fma(p[i], dp[i], lane[i % 16]);
  const float mean = fold(lane);
  for (int i = 0; i < n; ++i) dp[i] = p[i] * (dp[i] - mean);
}

float maximum(const float* x, int n) { return *std::max_element(x, x + n); }

float exponential_sum(const float* x, int n, float shift) {
  float lane[16] = {};
  for (int i = 0; i < n; ++i) lane[i % 16] += exponential(x[i] - shift);
  return fold(lane);
}

void probabilities(float* x, int n, float shift, float factor) {
  for (int i = 0; i < n; ++i) x[i] = exponential(x[i] - shift) * factor;
}

double float_peak(int effort) {
  volatile float sink = 0;
  const int n = 1000000 * effort;
  for (int i = 0; i < n; ++i) sink = std::fma(1.0F, 1.0F, sink);
  return n;
}

}  // namespace

constinit const BackwardKernels kBackward = {.product = product,
                                             .product_transposed = product_transposed,
                                             .transpose = transpose,
                                             .rms_norm_backward = rms_norm_backward,
                                             .rope_backward = rope_backward,
                                             .silu_backward = silu_backward,
                                             .gelu_backward = gelu_backward,
                                             .softmax = softmax,
                                             .softmax_backward = softmax_backward,
                                             .maximum = maximum,
                                             .exponential_sum = exponential_sum,
                                             .probabilities = probabilities,
                                             .float_peak = float_peak};

}  // namespace plmm::kernel::reference
