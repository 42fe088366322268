// Weight matrices repacked for this program's kernels: panels of 16 output rows, interleaved four
// inputs at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "tensor/dtype.h"

namespace plmm::kernel {

/// Rows of a panel: the lanes of one vector of 32-bit results.
inline constexpr int kPanelRows = 16;
/// Inputs that share one activation scale.
inline constexpr int kBlock = 32;
/// Inputs of a K-quant's super-block.
inline constexpr int kSuperBlock = 256;

/// Bits of a stored code. Every quantised type of the file becomes one of these without loss.
enum class CodeKind : std::uint8_t { u4, u5, u6, u8, f16, bf16, f32 };
/// Where the scale of a sub-block comes from: an f16 of its own, or f16 of the super-block times an
/// 8-bit integer.
enum class ScaleKind : std::uint8_t { half, super };

/// How a quantised panel is laid out (docs/formats/packed.md has the byte picture).
///   w[row, k] = scale[row, k / n_sub] · (code[row, k] − zero) + minimum[row, k / n_sub]
struct PanelLayout {
  CodeKind codes = CodeKind::f32;
  ScaleKind scales = ScaleKind::half;
  int n_sub = kBlock;   // 16 or 32 inputs share a scale
  int zero_shift = -1;  // zero = 1 << zero_shift; −1: zero is 0
  bool has_minimum = false;
  std::size_t codes_offset = 0;  // bytes of scales before the codes, a multiple of 64
  std::size_t panel_bytes = 0;   // a multiple of 64
};

/// W [n_out, n_in] of y = W·x. Owns its bytes (64-byte aligned). Rows beyond n_out in the last
/// panel are zero.
struct PackedMatrix {
  int n_in = 0;
  int n_out = 0;
  PanelLayout layout;
  std::unique_ptr<std::byte, void (*)(void*)> data{nullptr, nullptr};

  int n_panels() const { return (n_out + kPanelRows - 1) / kPanelRows; }
  bool is_float() const { return layout.codes >= CodeKind::f16; }
  std::size_t bytes() const { return static_cast<std::size_t>(n_panels()) * layout.panel_bytes; }
  const std::byte* panel(int p) const {
    return data.get() + static_cast<std::size_t>(p) * layout.panel_bytes;
  }
};

/// A matrix as the file stores it: n_out rows of n_in elements.
struct StoredMatrix {
  tensor::DType type;
  int n_in;
  int n_out;
  std::span<const std::byte> data;  // n_out · bytes_of(type, n_in)
};

/// Shape and layout of what pack_panels() makes of a matrix, without data; `exact` stores every
/// weight as f32. Quantised types need n_in to be a multiple of 32 (CHECK).
PackedMatrix packed_shape(const StoredMatrix& stored, bool exact);
/// The same with memory of its own. Null data when it cannot be had.
PackedMatrix allocate_packed(const StoredMatrix& stored, bool exact);
/// Lays a matrix into bytes that somebody else keeps: 64-byte aligned, bytes() long.
void place_packed(PackedMatrix& matrix, std::byte* at);

/// Fills panels [begin, end). Row i of the result is row source_row(i) of `stored`; an empty
/// function means i itself. Different panels may be filled by different threads.
using RowOrder = std::function<int(int)>;
void pack_panels(const StoredMatrix& stored, const RowOrder& source_row, int begin, int end,
                 PackedMatrix& out);

/// Activations in 8 bits: x[t, k] ≈ scale[t, k/32] · codes[t, k]. Views into the caller's
/// workspace.
struct QuantizedRows {
  int n_in = 0;
  std::int8_t* codes = nullptr;  // [n_rows rounded up to 16][n_in], in −128..127
  float* scale = nullptr;        // [n_rows][n_in / 32]
  float* sum = nullptr;          // [n_rows][n_in / 32]: scale · Σ codes, for minima
  float* negsum = nullptr;       // [n_rows][n_in / 32]: −Σ codes of 32, exact, for zero points
  float* negsum_half = nullptr;  // [n_rows][n_in / 16]: −Σ codes of 16, exact

  static std::size_t bytes(int n_rows, int n_in);
  /// Lays the four arrays out in `memory` (64-byte aligned, bytes(n_rows, n_in) long).
  static QuantizedRows in(std::byte* memory, int n_rows, int n_in);
};

}  // namespace plmm::kernel
