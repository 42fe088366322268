// The specification of every kernel: plain loops in the order of sums that all tiers follow.
//
// Where a sum is said to run in 16 lanes, term i goes to lane i mod 16, and the lanes are folded as
// lane i + lane i+8, then +4, +2, +1. Multiply-adds round once (std::fma).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernel/dispatch.h"
#include "kernel/reference/backward.h"
#include "kernel/reference/int8_cache.h"
#include "kernel/reference/panel_codes.h"
#include "kernel/reference/scalar.h"
#include "kernel/tiers/constants.h"
#include "kernel/tiers/tiers.h"
#include "tensor/blocks.h"

namespace plmm::kernel {
namespace reference {
namespace {

void quantize_rows(const float* x, int ld, int row_begin, int row_end, const QuantizedRows& out) {
  for (int t = row_begin; t < row_end; ++t) {
    for (int b = 0; b < out.n_in / kBlock; ++b) {
      const float* in = x + at(t, ld) + at(b, kBlock);
      float largest = 0.0F;
      float highest = in[0];
      bool finite = true;
      for (int i = 0; i < kBlock; ++i) {
        finite = finite && std::isfinite(in[i]);
        largest = std::max(largest, std::abs(in[i]));
        highest = std::max(highest, in[i]);
      }
      const float code_of_largest = highest == largest ? -kCodeLargest : kCodeLargest;
      const bool zero = largest < kSmallestScaled;
      float scale = zero ? 0.0F : largest / code_of_largest;
      if (!finite) scale = std::numeric_limits<float>::quiet_NaN();
      const float inverse = finite && !zero ? code_of_largest / largest : 0.0F;
      std::int8_t* codes = out.codes + at(t, out.n_in) + at(b, kBlock);
      int sum[2] = {0, 0};
      for (int i = 0; i < kBlock; ++i) {
        const float code = std::min(in[i] * inverse, kCodeLargest - 1.0F);
        codes[i] = finite ? static_cast<std::int8_t>(std::nearbyint(code)) : std::int8_t{0};
        sum[i / 16] += codes[i];
      }
      const std::size_t block = at(t, out.n_in / kBlock) + static_cast<std::size_t>(b);
      out.scale[block] = scale;
      out.sum[block] = scale * static_cast<float>(sum[0] + sum[1]);
      out.negsum[block] = static_cast<float>(-(sum[0] + sum[1]));
      out.negsum_half[2 * block] = static_cast<float>(-sum[0]);
      out.negsum_half[2 * block + 1] = static_cast<float>(-sum[1]);
    }
  }
}

/// One row of a matrix.
struct UnpackedRow {
  std::vector<int> codes;          // less the zero point, [n_in]
  std::vector<PanelScale> scales;  // [n_in / n_sub]
};

UnpackedRow unpack_row(const PackedMatrix& w, int p, int row) {
  const int zero = w.layout.zero_shift < 0 ? 0 : 1 << w.layout.zero_shift;
  UnpackedRow out;
  for (int k = 0; k < w.n_in; ++k) out.codes.push_back(panel_code(w, p, row, k) - zero);
  for (int s = 0; s < w.n_in / w.layout.n_sub; ++s) out.scales.push_back(panel_scale(w, p, row, s));
  return out;
}

/// y = Σ over sub-blocks in order: fma(Σ (code − zero)·x, w_scale · x_scale, y), then fma(w_min,
/// x_scale · Σ x, y).
float row_product(const PanelLayout& layout, const UnpackedRow& row, const QuantizedRows& x,
                  int t) {
  const auto n_sub = static_cast<std::size_t>(layout.n_sub);
  const std::int8_t* codes = x.codes + at(t, x.n_in);
  const float* x_scales = x.scale + at(t, x.n_in / kBlock);
  float acc = 0.0F;
  for (std::size_t s = 0; s < row.scales.size(); ++s) {
    int dot = 0, sum = 0;
    for (std::size_t k = s * n_sub; k < (s + 1) * n_sub; ++k) {
      dot += row.codes[k] * codes[k];
      sum += codes[k];
    }
    const float x_scale = x_scales[s * n_sub / kBlock];
    const PanelScale& scale = row.scales[s];
    acc = std::fma(static_cast<float>(dot), scale.scale * x_scale, acc);
    if (layout.has_minimum) acc = std::fma(scale.minimum, x_scale * static_cast<float>(sum), acc);
  }
  return acc;
}

void write_out(float& y, float value, Epilogue epilogue) {
  y = epilogue == Epilogue::add ? y + value : value;
}

void matmul(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
            int token_end, float* y, int ldy, Epilogue epilogue, std::byte*) {
  for (int p = begin; p < end; ++p) {
    for (int i = 0; i < kPanelRows && p * kPanelRows + i < w.n_out; ++i) {
      const UnpackedRow row = unpack_row(w, p, i);
      for (int t = token_begin; t < token_end; ++t) {
        write_out(y[at(t, ldy) + at(p - begin, kPanelRows) + static_cast<std::size_t>(i)],
                  row_product(w.layout, row, x, t), epilogue);
      }
    }
  }
}

/// Four partial sums by k mod 4, added as (0 + 1) + (2 + 3).
void matmul_float(const PackedMatrix& w, int begin, int end, const float* x, int ldx,
                  int token_begin, int token_end, float* y, int ldy, Epilogue epilogue) {
  for (int p = begin; p < end; ++p) {
    for (int t = token_begin; t < token_end; ++t) {
      for (int row = 0; row < kPanelRows && p * kPanelRows + row < w.n_out; ++row) {
        float part[4] = {};
        for (int k = 0; k < w.n_in; ++k) {
          part[k % 4] = std::fma(panel_weight(w, p, row, k),
                                 x[at(t, ldx) + static_cast<std::size_t>(k)], part[k % 4]);
        }
        write_out(y[at(t, ldy) + at(p - begin, kPanelRows) + static_cast<std::size_t>(row)],
                  (part[0] + part[1]) + (part[2] + part[3]), epilogue);
      }
    }
  }
}

/// The squares in 16 lanes.
void rms_norm(const float* x, const float* weight, int n, float epsilon, float* out) {
  float lane[16] = {};
  for (int i = 0; i < n; ++i) lane[i % 16] = std::fma(x[i], x[i], lane[i % 16]);
  const float inverse = 1.0F / std::sqrt(fold(lane) / static_cast<float>(n) + epsilon);
  for (int i = 0; i < n; ++i) out[i] = x[i] * inverse * weight[i];
}

void layer_norm(const float* x, const float* weight, const float* bias, int n, float epsilon,
                float* out) {
  float sums[16] = {}, squares[16] = {};
  for (int i = 0; i < n; ++i) sums[i % 16] += x[i];
  const float mean = fold(sums) / static_cast<float>(n);
  for (int i = 0; i < n; ++i) {
    out[i] = x[i] - mean;
    squares[i % 16] = std::fma(out[i], out[i], squares[i % 16]);
  }
  const float inverse = 1.0F / std::sqrt(fold(squares) / static_cast<float>(n) + epsilon);
  for (int i = 0; i < n; ++i) out[i] = std::fma(out[i] * inverse, weight[i], bias[i]);
}

void rope(float* x, const float* cosines, const float* sines, int n) {
  const int half = n / 2;
  for (int i = 0; i < half; ++i) {
    const float a = x[i], b = x[half + i];
    x[i] = std::fma(-b, sines[i], a * cosines[i]);
    x[half + i] = std::fma(a, sines[i], b * cosines[i]);
  }
}

void add(float* x, const float* y, int n) {
  for (int i = 0; i < n; ++i) x[i] += y[i];
}

void scale(float* x, float factor, int n) {
  for (int i = 0; i < n; ++i) x[i] *= factor;
}

void silu_multiply(float* gate, const float* up, int n) {
  for (int i = 0; i < n; ++i) gate[i] = gate[i] / (1.0F + exponential(-gate[i])) * up[i];
}

/// gelu(x) = x / (1 + exp(−2·√(2/π)·(x + 0.044715·x³)))
void gelu_multiply(float* gate, const float* up, int n) {
  for (int i = 0; i < n; ++i) {
    const float g = gate[i];
    const float inner = std::fma(g * g * g, kGeluCubic, g) * kGeluTwiceRootTwoOverPi;
    gate[i] = g / (1.0F + exponential(-inner)) * up[i];
  }
}

std::uint16_t saturated_half(float x) {
  return tensor::f32_to_f16(std::clamp(x, -kHalfMax, kHalfMax));  // NaN stays NaN
}

/// erf(z) = z · P(z²) / Q(z²) with z cut to where erf is 1 in f32.
void gelu_exact(float* x, int n) {
  for (int i = 0; i < n; ++i) {
    float z = x[i] * kRootHalf;
    z = z < kErfMax ? z : kErfMax;
    z = z > -kErfMax ? z : -kErfMax;
    const float square = z * z;
    float p = kErfNumerator[0], q = kErfDenominator[0];
    for (int k = 1; k < 7; ++k) p = std::fma(p, square, kErfNumerator[k]);
    for (int k = 1; k < 5; ++k) q = std::fma(q, square, kErfDenominator[k]);
    x[i] *= std::fma(z * p / q, 0.5F, 0.5F);
  }
}

void store_kv(CacheType type, const float* key, const float* value, int position, int head_dim,
              void* keys, void* values) {
  if (type == CacheType::int8) return store_kv_int8(key, value, position, head_dim, keys, values);
  for (int d = 0; d < head_dim; ++d) {
    const std::size_t k = at(position / kKeyBlock * head_dim + d, kKeyBlock) +
                          static_cast<std::size_t>(position % kKeyBlock);
    const std::size_t v = at(position, head_dim) + static_cast<std::size_t>(d);
    if (type == CacheType::f32) {
      static_cast<float*>(keys)[k] = key[d];
      static_cast<float*>(values)[v] = value[d];
    } else {
      static_cast<std::uint16_t*>(keys)[k] = saturated_half(key[d]);
      static_cast<std::uint16_t*>(values)[v] = saturated_half(value[d]);
    }
  }
}

float cached(CacheType type, const void* base, std::size_t index) {
  return type == CacheType::f32
             ? static_cast<const float*>(base)[index]
             : tensor::f16_to_f32(static_cast<const std::uint16_t*>(base)[index]);
}

/// One query: scores (sums over even and odd dimensions), softmax over 16 lanes by position, values
/// in order.
void attend(const AttentionTile& tile, int q) {
  const int dim = tile.head_dim, first = tile.first[q], last = tile.last[q];
  std::vector<float> p(static_cast<std::size_t>(last));
  float best = -std::numeric_limits<float>::infinity();
  for (int i = first; i < last; ++i) {
    float part[2] = {};
    for (int d = 0; d < dim; ++d) {
      const std::size_t k =
          at(i / kKeyBlock * dim + d, kKeyBlock) + static_cast<std::size_t>(i % kKeyBlock);
      part[d % 2] = std::fma(tile.query[q][d], cached(tile.cache, tile.keys, k), part[d % 2]);
    }
    p[static_cast<std::size_t>(i)] = part[0] + part[1];
    best = std::max(best, p[static_cast<std::size_t>(i)]);
  }
  float lane[16] = {};
  for (int i = first; i < last; ++i) {
    float& weight = p[static_cast<std::size_t>(i)];
    weight = exponential(weight - best);
    lane[i % 16] += weight;
  }
  const float inverse = 1.0F / fold(lane);
  for (int d = 0; d < dim; ++d) {
    float acc = 0.0F;
    for (int i = first; i < last; ++i) {
      const float value = cached(tile.cache, tile.values, at(i, dim) + static_cast<std::size_t>(d));
      acc = std::fma(p[static_cast<std::size_t>(i)], value, acc);
    }
    tile.out[q][d] = acc * inverse;
  }
}

void attention(const AttentionTile& tile) {
  if (tile.cache == CacheType::int8) return attention_int8(tile);
  for (int q = 0; q < tile.n_queries; ++q) attend(tile, q);
}

double int8_peak(int effort) {
  volatile unsigned sink = 0;
  const int n = 1000000 * effort;
  for (int i = 0; i < n; ++i) sink = sink + static_cast<unsigned>(i % 127 * 3);
  return n;
}

}  // namespace
}  // namespace reference

constinit const Kernels kReferenceKernels = {.name = "reference",
                                             .quantize_rows = reference::quantize_rows,
                                             .matmul = reference::matmul,
                                             .matmul_float = reference::matmul_float,
                                             .rms_norm = reference::rms_norm,
                                             .layer_norm = reference::layer_norm,
                                             .rope = reference::rope,
                                             .add = reference::add,
                                             .scale = reference::scale,
                                             .silu_multiply = reference::silu_multiply,
                                             .gelu_multiply = reference::gelu_multiply,
                                             .gelu_exact = reference::gelu_exact,
                                             .store_kv = reference::store_kv,
                                             .attention = reference::attention,
                                             .attend_segment = reference::attend_segment,
                                             .join_segments = reference::join_segments,
                                             .int8_peak = reference::int8_peak,
                                             .backward = &reference::kBackward};

}  // namespace plmm::kernel
