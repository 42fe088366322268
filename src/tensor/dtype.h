// Element types of stored tensors, by their GGUF numbers, and the sizes of their blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plmm::tensor {

/// The values are GGUF's own type numbers.
enum class DType : std::uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  bf16 = 30,
};

struct DTypeInfo {
  DType type;
  std::string_view name;  // "Q4_K"
  std::size_t n_block;    // elements of a block; a row is a whole number of blocks
  std::size_t block_bytes;
};

/// Nothing for a number that is none of ours.
std::optional<DType> dtype_from_number(std::uint32_t number);
const DTypeInfo& info(DType type);

/// Bytes of `n` elements; nothing when n is not a whole number of blocks or the product wraps.
std::optional<std::size_t> bytes_of(DType type, std::uint64_t n);

}  // namespace plmm::tensor
