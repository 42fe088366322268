// The specification of the int8 cache: how rows are turned and rounded, and the order of sums.
#include "kernel/reference/int8_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernel/reference/scalar.h"
#include "kernel/tiers/constants.h"

namespace plmm::kernel::reference {
namespace {

/// x times the Hadamard matrix, block by block of turned_width numbers: pairs at distance 1, 2, 4 …
std::vector<float> turned(const float* x, int head_dim) {
  std::vector<float> out(x, x + head_dim);
  for (int step = 1; step < turned_width(head_dim); step *= 2) {
    for (int d = 0; d < head_dim; ++d) {
      if ((d & step) != 0) continue;
      float &a = out[at(d, 1)], &b = out[at(d + step, 1)];
      const float sum = a + b;
      b = a - b;
      a = sum;
    }
  }
  return out;
}

struct Codes {
  std::vector<int> code;
  float scale;
};

/// scale = max|x| / code_max. A row that is not finite has scale NaN and codes 0.
Codes round_row(const std::vector<float>& x, float code_max) {
  float largest = 0.0F;
  bool finite = true;
  for (const float v : x) {
    finite = finite && std::isfinite(v);
    largest = std::max(largest, std::abs(v));
  }
  const bool zero = largest < kSmallestScaled;
  const float inverse = finite && !zero ? code_max / largest : 0.0F;
  Codes out{{}, zero ? 0.0F : largest / code_max};
  if (!finite) out.scale = std::numeric_limits<float>::quiet_NaN();
  for (const float v : x) {
    out.code.push_back(finite ? static_cast<int>(std::nearbyint(v * inverse)) : 0);
  }
  return out;
}

std::byte* key_block(const void* keys, int position, int head_dim) {
  return static_cast<std::byte*>(const_cast<void*>(keys)) +
         static_cast<std::size_t>(position / kKeyBlock) *
             key_block_bytes(CacheType::int8, head_dim);
}

std::byte* value_block(const void* values, int position, int head_dim) {
  return static_cast<std::byte*>(const_cast<void*>(values)) +
         static_cast<std::size_t>(position / kKeyBlock) *
             value_block_bytes(CacheType::int8, head_dim);
}

/// Where the upper 8 bits of a key's code are, and where its nibble is beside another.
std::size_t key_at(int position, int d) {
  return at(d / kKeyGroup, static_cast<int>(kKeyGroupBytes)) + at(d / 4 % 2, 64) +
         at(position % kKeyBlock, 4) + at(d % 4, 1);
}
std::size_t nibble_at(int position, int d) {
  return at(d / kKeyGroup, static_cast<int>(kKeyGroupBytes)) + 128 + at(position % kKeyBlock, 4) +
         at(d % 4, 1);
}
std::size_t value_at(int position, int d, int head_dim) {
  return at(position % kKeyBlock / kValueGroup, kValueGroup * head_dim) + at(d, kValueGroup) +
         at(position % kValueGroup, 1);
}

float scale_in(const std::byte* scales, int position) {
  float out;
  std::memcpy(&out, scales + at(position % kKeyBlock, 4), 4);
  return out;
}

struct Query {
  std::vector<int> high, low;  // code = 128 · high + low, high the nearest
  float scale;                 // of a product of codes / 16
};

Query query_of(const float* query, int head_dim) {
  const Codes codes = round_row(turned(query, head_dim), kQueryCodeMax);
  Query out{{}, {}, codes.scale * (16.0F / static_cast<float>(turned_width(head_dim)))};
  for (const int code : codes.code) {
    out.high.push_back(static_cast<int>(std::nearbyint(static_cast<float>(code) / 128.0F)));
    out.low.push_back(code - 128 * out.high.back());
  }
  return out;
}

/// The product of codes / 16 without that of a nibble and a query's lower half.
float score(const Query& query, const void* keys, int position, int head_dim) {
  const std::byte* block = key_block(keys, position, head_dim);
  int high = 0, low = 0, nibbles = 0;
  for (int d = 0; d < head_dim; ++d) {
    const int key = static_cast<int>(block[key_at(position, d)]) - 128;
    const int both = static_cast<int>(block[nibble_at(position, d)]);
    high += key * query.high[at(d, 1)];
    low += key * query.low[at(d, 1)];
    nibbles += (d / 4 % 2 == 0 ? both & 15 : both >> 4) * query.high[at(d, 1)];
  }
  const float small = std::fma(static_cast<float>(nibbles), 8.0F, static_cast<float>(low));
  return std::fma(static_cast<float>(high), 128.0F, small) *
         (scale_in(block + key_scales_at(head_dim), position) * query.scale);
}

/// The weights' sum over 16 lanes by position; values in whole numbers, weights rounded to 14 bits
/// of the largest.
void attend_part(const AttentionTile& tile, int q, int first, int last, float* part) {
  const int dim = tile.head_dim;
  const Query query = query_of(tile.query[q], dim);
  std::vector<float> weights;
  for (int i = first; i < last; ++i) weights.push_back(score(query, tile.keys, i, dim));
  part[0] = *std::ranges::max_element(weights);
  float lane[16] = {};
  float largest = 0.0F, poison = 0.0F;
  for (int i = first; i < last; ++i) {
    float& weight = weights[at(i - first, 1)];
    const float p = exponential(weight - part[0]);
    lane[i % 16] += p;
    weight = p * scale_in(value_block(tile.values, i, dim) + value_scales_at(dim), i);
    largest = weight > largest ? weight : largest;
    poison += weight * 0.0F;
  }
  part[1] = fold(lane);
  const bool none = largest < kSmallestScaled || poison != 0.0F;
  const float factor = (none ? 0.0F : largest / kWeightCodeMax) + poison;
  const float inverse = none ? 0.0F : kWeightCodeMax / largest;
  for (int d = 0; d < dim; ++d) {
    int high = 0, low = 0;
    for (int i = first; i < last; ++i) {
      const int code =
          none ? 0 : static_cast<int>(std::nearbyint(weights[at(i - first, 1)] * inverse));
      const auto value =
          static_cast<std::int8_t>(value_block(tile.values, i, dim)[value_at(i, d, dim)]);
      high += code / 128 * value;
      low += code % 128 * value;
    }
    part[kPartValues + d] =
        std::fma(static_cast<float>(high), 128.0F, static_cast<float>(low)) * factor;
  }
}

/// a = a and b together, each relative to the larger of their largest scores.
void join(float* a, const float* b, int head_dim) {
  const float top = a[0] > b[0] ? a[0] : b[0];
  const float x = exponential(a[0] - top), y = exponential(b[0] - top);
  a[0] = top;
  a[1] = std::fma(a[1], x, b[1] * y);
  for (int d = kPartValues; d < kPartValues + head_dim; ++d) a[d] = std::fma(a[d], x, b[d] * y);
}

}  // namespace

void store_kv_int8(const float* key, const float* value, int position, int head_dim, void* keys,
                   void* values) {
  const Codes k = round_row(turned(key, head_dim), kKeyCodeMax);
  const Codes v = round_row(turned(value, head_dim), kValueCodeMax);
  std::byte* key_bytes = key_block(keys, position, head_dim);
  std::byte* value_bytes = value_block(values, position, head_dim);
  for (int d = 0; d < head_dim; ++d) {
    const int code = k.code[at(d, 1)];
    key_bytes[key_at(position, d)] = static_cast<std::byte>((code >> 4) + 128);
    std::byte& nibbles = key_bytes[nibble_at(position, d)];
    const auto nibble = static_cast<std::byte>(code & 15);
    nibbles = d / 4 % 2 == 0 ? (nibbles & std::byte{0xF0}) | nibble
                             : (nibbles & std::byte{0x0F}) | nibble << 4;
    value_bytes[value_at(position, d, head_dim)] = static_cast<std::byte>(v.code[at(d, 1)]);
  }
  std::memcpy(key_bytes + key_scales_at(head_dim) + at(position % kKeyBlock, 4), &k.scale, 4);
  std::memcpy(value_bytes + value_scales_at(head_dim) + at(position % kKeyBlock, 4), &v.scale, 4);
}

void attend_segment(const AttentionTile& tile, int segment, float* parts, std::size_t stride) {
  for (int q = 0; q < tile.n_queries; ++q) {
    const int first = std::max(tile.first[q], segment * kSegment);
    const int last = std::min(tile.last[q], (segment + 1) * kSegment);
    if (first < last)
      attend_part(tile, q, first, last, parts + static_cast<std::size_t>(q) * stride);
  }
}

void join_segments(float* parts, std::size_t stride, int n, int head_dim, float* out) {
  for (int i = 1; i < n; ++i) join(parts, parts + static_cast<std::size_t>(i) * stride, head_dim);
  const auto values = turned(parts + kPartValues, head_dim);
  const float width = static_cast<float>(turned_width(head_dim));
  const float factor = 1.0F / parts[1] * (1.0F / width);
  for (int d = 0; d < head_dim; ++d) out[d] = values[at(d, 1)] * factor;
}

void attention_int8(const AttentionTile& tile) {
  const auto stride = static_cast<std::size_t>(part_floats(tile.head_dim));
  for (int q = 0; q < tile.n_queries; ++q) {
    AttentionTile one = tile;
    one.n_queries = 1;
    one.query[0] = tile.query[q];
    one.first[0] = tile.first[q];
    one.last[0] = tile.last[q];
    const int begin = tile.first[q] / kSegment, end = (tile.last[q] + kSegment - 1) / kSegment;
    std::vector<float> parts(static_cast<std::size_t>(end - begin) * stride);
    for (int segment = begin; segment < end; ++segment) {
      attend_segment(one, segment, parts.data() + at(segment - begin, 1) * stride, stride);
    }
    join_segments(parts.data(), stride, end - begin, tile.head_dim, tile.out[q]);
  }
}

}  // namespace plmm::kernel::reference
