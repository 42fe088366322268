// Numbers turned into quantised blocks, with the scales that lose least.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/dtype.h"
#include "tensor/split.h"

namespace plmm::tensor {

/// The types that quantize_row() writes: Q4_0, Q5_0, Q8_0, Q4_K, Q6_K.
std::span<const DType> quantized_types();

/// Blocks of `row` with a small squared error: scales are searched, never worse than those that
/// bring a block's largest number to the end of the codes. The same row gives the same bytes.
/// False where a number is not finite or too large for the type's f16 scale; the blocks are then
/// unfinished.
///   row a whole number of blocks · out bytes_of(type, row.size()) bytes · type one of
///   quantized_types() (CHECK)
/// Source: least squares for fixed codes, nearest codes for fixed scales, in turn (Lloyd 1982),
/// from several starts.
bool quantize_row(DType type, std::span<const float> row, std::span<std::byte> out);

/// The other way round than split_block(): writes info(type).block_bytes bytes. Needs: one of
/// quantized_types(), numbers in their ranges, d and dmin that an f16 holds (CHECK for the type).
void join_block(DType type, const SplitBlock& block, std::byte* out);

}  // namespace plmm::tensor
