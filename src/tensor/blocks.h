// Decoding of stored blocks to f32: the specification of every quantised type, and what all packing
// starts from.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/dtype.h"

namespace plmm::tensor {

/// out[i] = the i-th element of `row`.
///   row  bytes_of(type, out.size()) bytes, any alignment · out a whole number of blocks (CHECK)
/// Source: the GGUF block layouts, docs/formats/gguf.md.
void decode_row(DType type, std::span<const std::byte> row, std::span<float> out);

/// The nearest Q8_0 blocks of `row`: scale max|x| / 127 of each 32, rounded to f16, then codes
/// rounded to nearest even. False where a number is NaN or beyond what
/// an f16 scale can say; the blocks are then unfinished.
///   row a whole number of blocks · out bytes_of(q8_0, row.size()) bytes (CHECK)
bool encode_q8_0(std::span<const float> row, std::span<std::byte> out);

float f16_to_f32(std::uint16_t half);
std::uint16_t f32_to_f16(float value);  // round to nearest, ties to even
float bf16_to_f32(std::uint16_t half);
std::uint16_t f32_to_bf16(float value);  // round to nearest, ties to even; NaN stays NaN

}  // namespace plmm::tensor
