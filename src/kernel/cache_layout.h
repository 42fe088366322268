// How keys and values lie in the key-value cache.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plmm::kernel {

/// f32 and f16: numbers as they are. int8: values in 8 bits and keys in 12, with a scale for each
/// position and key-value head. Keys need the four bits more: what is lost of a score is lost in
/// the exponent of its weight, and where a model adds a large bias to its keys (Qwen) 8 bits change
/// answers.
enum class CacheType : std::uint8_t { f16, f32, int8 };

/// Positions of a block of the cache: the lanes of one vector of scores.
inline constexpr int kKeyBlock = 16;
/// Positions whose weights share one scale with int8, and of which each answer is joined in turn.
inline constexpr int kSegment = 256;
/// The largest head_dim of an int8 cache.
inline constexpr int kCacheDimMax = 512;

/// Before they are rounded, int8 keys, values and queries are turned by the largest Hadamard matrix
/// whose size divides head_dim, so that no single number of a head sets the scale for all others:
/// the result's i-th number is Σ ± x[j] over this many j. A dot product grows by as much.
constexpr int turned_width(int head_dim) { return head_dim & -head_dim; }

/// A block of int8 keys: for each 8 dimensions two lines of 64 bytes and one of 64 nibble pairs,
/// then the scales, f32 [16].
///   key[position][d] ≈ scale · (16 · (line[d / 4 % 2][position][d % 4] − 128) + nibble), the
///   nibble of the first line being the lower one
inline constexpr std::size_t kKeyGroupBytes = 192;
inline constexpr int kKeyGroup = 8;

/// A block of int8 values: for each 4 positions [head_dim / 16][16][4 positions], then the scales,
/// f32 [16].
///   value[position][d] ≈ scale · code
inline constexpr int kValueGroup = 4;

constexpr std::size_t key_scales_at(int head_dim) {
  return static_cast<std::size_t>(head_dim / kKeyGroup) * kKeyGroupBytes;
}
constexpr std::size_t value_scales_at(int head_dim) {
  return static_cast<std::size_t>(head_dim) * kKeyBlock;
}

/// Bytes of kKeyBlock positions of one key-value head.
constexpr std::size_t key_block_bytes(CacheType type, int head_dim) {
  const std::size_t n = static_cast<std::size_t>(head_dim) * kKeyBlock;
  return type == CacheType::f32   ? 4 * n
         : type == CacheType::f16 ? 2 * n
                                  : key_scales_at(head_dim) + kKeyBlock * sizeof(float);
}
constexpr std::size_t value_block_bytes(CacheType type, int head_dim) {
  return type == CacheType::int8 ? value_scales_at(head_dim) + kKeyBlock * sizeof(float)
                                 : key_block_bytes(type, head_dim);
}

/// What a query has of one segment: its row of parts is the largest score, the sum of weights
/// relative to it, and from kPartValues on [head_dim] what they weigh, turned.
inline constexpr int kPartValues = 16;
constexpr int part_floats(int head_dim) { return kPartValues + head_dim; }

}  // namespace plmm::kernel
