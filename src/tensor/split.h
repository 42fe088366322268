// Stored blocks split into their exact integers: what the kernels' packing starts from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/dtype.h"

namespace plmm::tensor {

/// How a quantised type is cut. Element i belongs to sub-block i / n_sub.
struct SplitTraits {
  int n_block;   // elements of a block: 32 or 256
  int n_sub;     // elements that share sub_scale and sub_min: 16 or 32, divides n_block
  int zero;      // the code that stands for 0 where has_min is false; 0 where it is true
  int n_bits;    // codes are 0 … 2^n_bits - 1
  bool has_min;  // whether dmin · sub_min is subtracted
};

/// One block. With s = i / n_sub:
///   w[i] = (d · sub_scale[s]) · (code[i] - zero)                      where has_min is false
///   w[i] = (d · sub_scale[s]) · code[i] - dmin · sub_min[s]           where it is true
/// in f32, rounding after each operation in the order of the brackets: then w equals decode_row bit
/// for bit. Q4_1 and Q5_1 store w = d · code + m: here dmin = -m and sub_min = 1. Types of 32
/// elements have sub_scale = 1. Only the first n_block codes and n_block / n_sub sub-blocks are
/// written; without a minimum dmin and sub_min are 0.
struct SplitBlock {
  std::uint8_t code[256];  // Q8_0's signed values are stored as value + 128
  float d;
  float dmin;
  std::int8_t sub_scale[16];
  std::uint8_t sub_min[16];
};

/// Whether the type has blocks to split: all but f32, f16 and bf16.
bool is_quantised(DType type);

/// Needs: is_quantised(type) (CHECK).
SplitTraits split_traits(DType type);

/// Splits the info(type).block_bytes bytes at `block` (any alignment). Needs: is_quantised(type)
/// (CHECK). Any bytes are a valid block; d and dmin may be infinite or NaN when the file says so.
/// Source: the block layouts in docs/formats/gguf.md.
void split_block(DType type, const std::byte* block, SplitBlock& out);

}  // namespace plmm::tensor
