// Packing: stored blocks are split into integers and interleaved; nothing is rounded.
#include "kernel/packed_matrix.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tensor/blocks.h"
#include "tensor/split.h"

namespace plmm::kernel {
namespace {

std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

CodeKind code_kind(tensor::DType type) {
  using enum tensor::DType;
  switch (type) {
    case q5_0:
    case q5_1:
    case q5_k:
      return CodeKind::u5;
    case q6_k:
      return CodeKind::u6;
    case q8_0:
      return CodeKind::u8;
    case f32:
      return CodeKind::f32;
    case f16:
      return CodeKind::f16;
    case bf16:
      return CodeKind::bf16;
    default:
      return CodeKind::u4;  // 2- and 3-bit codes take four bits here: simpler kernels, more bytes
  }
}

int zero_shift(int zero) { return zero == 0 ? -1 : __builtin_ctz(static_cast<unsigned>(zero)); }

PanelLayout quantised_layout(tensor::DType type, int n_in) {
  const auto traits = tensor::split_traits(type);
  const auto n = static_cast<std::size_t>(n_in);
  PanelLayout out;
  out.codes = code_kind(type);
  out.scales = traits.n_block == kSuperBlock ? ScaleKind::super : ScaleKind::half;
  out.n_sub = traits.n_sub;
  out.zero_shift = zero_shift(traits.zero);
  out.has_minimum = traits.has_min;
  const std::size_t n_kinds = traits.has_min ? 2 : 1;
  std::size_t scale_bytes = n / static_cast<std::size_t>(traits.n_sub) * kPanelRows * n_kinds;
  if (out.scales == ScaleKind::half) scale_bytes *= 2;
  if (out.scales == ScaleKind::super) scale_bytes += n / kSuperBlock * kPanelRows * 2 * n_kinds;
  out.codes_offset = round_up(scale_bytes, 64);
  const std::size_t bits = out.codes == CodeKind::u4   ? 4
                           : out.codes == CodeKind::u5 ? 5
                           : out.codes == CodeKind::u6 ? 6
                                                       : 8;
  out.panel_bytes = out.codes_offset + n * kPanelRows * bits / 8;
  return out;
}

/// Codes of 4 inputs of each row, one byte an input: a line of a panel.
using Line = std::array<std::uint32_t, kPanelRows>;
static_assert(std::endian::native == std::endian::little, "input 0 is the lowest byte of a word");

/// The 8 lines of the 32 inputs that start at `k`, of the 16 rows of a panel.
std::array<Line, 8> lines_of(const std::array<tensor::SplitBlock, kPanelRows>& rows, int k) {
  std::array<Line, 8> out;
  for (std::size_t line = 0; line < out.size(); ++line) {
    for (std::size_t row = 0; row < rows.size(); ++row)
      std::memcpy(&out[line][row], rows[row].code + k + 4 * line, 4);
  }
  return out;
}

void put_line(const Line& line, std::byte* to) { std::memcpy(to, line.data(), sizeof line); }

/// Bytes of 0 become 1. A code of 8 bits is the weight plus 128, and a product of −128 (a weight
/// that no quantiser we know of writes) with an activation of −128, twice, would leave 16 bits.
std::uint32_t without_zero_bytes(std::uint32_t four) {
  const std::uint32_t nonzero = (((four & 0x7F7F7F7FU) + 0x7F7F7F7FU) | four) & 0x80808080U;
  return four | (~nonzero & 0x80808080U) >> 7;
}

/// 32 inputs of 16 rows as the panel stores them (docs/formats/packed.md); returns what is behind.
std::byte* put_codes(CodeKind kind, const std::array<Line, 8>& lines, std::byte* to) {
  if (kind == CodeKind::u8) {
    for (Line line : lines) {
      for (std::uint32_t& four : line) four = without_zero_bytes(four);
      put_line(line, std::exchange(to, to + sizeof line));
    }
    return to;
  }
  Line out;
  for (std::size_t i = 0; i < 4; ++i) {  // four bits of lines i and i + 4 share bytes
    for (std::size_t row = 0; row < kPanelRows; ++row)
      out[row] = (lines[i][row] & 0x0F0F0F0FU) | (lines[i + 4][row] & 0x0F0F0F0FU) << 4;
    put_line(out, std::exchange(to, to + sizeof out));
  }
  if (kind == CodeKind::u5) {  // bit i of a byte: the fifth bit of line i
    out.fill(0);
    for (unsigned i = 0; i < 8; ++i) {
      for (std::size_t row = 0; row < kPanelRows; ++row)
        out[row] |= (lines[i][row] >> 4 & 0x01010101U) << i;
    }
    put_line(out, std::exchange(to, to + sizeof out));
  }
  for (unsigned half = 0; kind == CodeKind::u6 && half < 2; ++half) {
    out.fill(0);
    for (unsigned i = 0; i < 4; ++i) {
      for (std::size_t row = 0; row < kPanelRows; ++row)
        out[row] |= (lines[4 * half + i][row] >> 4 & 0x03030303U) << 2 * i;
    }
    put_line(out, std::exchange(to, to + sizeof out));
  }
  return to;
}

void put_half(std::byte* at, float value) {
  const std::uint16_t half = tensor::f32_to_f16(value);
  std::memcpy(at, &half, sizeof half);
}

/// One row of one type with block 32: an f16 scale, maybe an f16 minimum, per block.
void put_simple_scales(const tensor::SplitBlock& split, const PanelLayout& layout, int n_blocks,
                       int block, int row, std::byte* panel) {
  put_half(panel + (block * kPanelRows + row) * 2, split.d);
  if (layout.has_minimum)
    put_half(panel + ((n_blocks + block) * kPanelRows + row) * 2, -split.dmin);
}

/// One row's super-block: [d ×16][dmin ×16]? then [sub scales ×16]… [sub minima ×16]….
void put_super_scales(const tensor::SplitBlock& split, const PanelLayout& layout, int block,
                      int row, std::byte* panel) {
  const int n_subs = kSuperBlock / layout.n_sub;
  const int n_kinds = layout.has_minimum ? 2 : 1;
  std::byte* at = panel + block * (kPanelRows * 2 + n_subs * kPanelRows) * n_kinds;
  put_half(at + row * 2, split.d);
  if (layout.has_minimum) put_half(at + (kPanelRows + row) * 2, split.dmin);
  at += kPanelRows * 2 * n_kinds;
  for (int i = 0; i < n_subs; ++i) {
    at[i * kPanelRows + row] = static_cast<std::byte>(split.sub_scale[i]);
    if (layout.has_minimum)
      at[(n_subs + i) * kPanelRows + row] = static_cast<std::byte>(split.sub_min[i]);
  }
}

/// A panel of quantised rows, block by block; a row without bytes stays zero.
void pack_quantised_panel(const StoredMatrix& stored,
                          const std::array<std::span<const std::byte>, kPanelRows>& sources,
                          const PanelLayout& layout, std::byte* panel) {
  const auto traits = tensor::split_traits(stored.type);
  const std::size_t block_bytes = tensor::info(stored.type).block_bytes;
  const int n_blocks = stored.n_in / traits.n_block;
  std::array<tensor::SplitBlock, kPanelRows> rows{};
  std::byte* codes = panel + layout.codes_offset;
  for (int b = 0; b < n_blocks; ++b) {
    for (int row = 0; row < kPanelRows; ++row) {
      const auto source = sources[static_cast<std::size_t>(row)];
      if (source.empty()) continue;
      auto& split = rows[static_cast<std::size_t>(row)];
      tensor::split_block(stored.type, source.data() + static_cast<std::size_t>(b) * block_bytes,
                          split);
      if (layout.scales == ScaleKind::half) {
        put_simple_scales(split, layout, n_blocks, b, row, panel);
      } else {
        put_super_scales(split, layout, b, row, panel);
      }
    }
    for (int k = 0; k < traits.n_block; k += kBlock)
      codes = put_codes(layout.codes, lines_of(rows, k), codes);
  }
}

void pack_float_row(const StoredMatrix& stored, std::span<const std::byte> source, int row,
                    CodeKind kind, std::byte* panel, std::vector<float>& decoded) {
  tensor::decode_row(stored.type, source, decoded);
  for (int k = 0; k < stored.n_in; ++k) {
    const float value = decoded[static_cast<std::size_t>(k)];
    const std::size_t index =
        static_cast<std::size_t>(k) * kPanelRows + static_cast<std::size_t>(row);
    if (kind == CodeKind::f32) {
      std::memcpy(panel + index * 4, &value, 4);
    } else {
      const std::uint16_t half =
          kind == CodeKind::f16 ? tensor::f32_to_f16(value) : tensor::f32_to_bf16(value);
      std::memcpy(panel + index * 2, &half, 2);
    }
  }
}

/// Codes of QuantizedRows: a multiple of 16 · 32, so that its other arrays, an eighth and a quarter
/// as many bytes, begin on cache lines too.
std::size_t n_codes(int n_rows, int n_in) {
  return round_up(static_cast<std::size_t>(n_rows), 16) * static_cast<std::size_t>(n_in);
}

/// In large pages where the system has them: fewer faults while packing, and fewer misses when
/// the weights stream by.
std::byte* allocate(std::size_t bytes) {
  constexpr std::size_t kLargePage = 2 << 20;
  void* out = nullptr;
  if (::posix_memalign(&out, bytes < kLargePage ? 64 : kLargePage, bytes) != 0) return nullptr;
#if defined(__linux__)
  // A hint: without large pages it is refused, and nothing is lost.
  if (bytes >= kLargePage) ::madvise(out, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(out);
}

}  // namespace

PackedMatrix packed_shape(const StoredMatrix& stored, bool exact) {
  PackedMatrix out;
  out.n_in = stored.n_in;
  out.n_out = stored.n_out;
  const CodeKind kind = exact ? CodeKind::f32 : code_kind(stored.type);
  if (kind >= CodeKind::f16) {
    out.layout.codes = kind;
    const std::size_t width = kind == CodeKind::f32 ? 4 : 2;
    out.layout.panel_bytes =
        round_up(static_cast<std::size_t>(stored.n_in) * kPanelRows * width, 64);
  } else {
    CHECK(stored.n_in % kBlock == 0);
    out.layout = quantised_layout(stored.type, stored.n_in);
  }
  return out;
}

PackedMatrix allocate_packed(const StoredMatrix& stored, bool exact) {
  PackedMatrix out = packed_shape(stored, exact);
  out.data = {allocate(out.bytes()), std::free};
  return out;
}

void place_packed(PackedMatrix& matrix, std::byte* at) {
  matrix.data = {at, [](void*) {}};
}

void pack_panels(const StoredMatrix& stored, const RowOrder& source_row, int begin, int end,
                 PackedMatrix& out) {
  const auto row_bytes = tensor::bytes_of(stored.type, static_cast<std::uint64_t>(stored.n_in));
  CHECK(row_bytes.has_value());
  std::vector<float> decoded(static_cast<std::size_t>(stored.n_in));
  for (int p = begin; p < end; ++p) {
    std::byte* panel = out.data.get() + static_cast<std::size_t>(p) * out.layout.panel_bytes;
    std::memset(panel, 0, out.layout.panel_bytes);
    std::array<std::span<const std::byte>, kPanelRows> sources;
    for (int row = 0; row < kPanelRows && p * kPanelRows + row < out.n_out; ++row) {
      const int i = p * kPanelRows + row;
      const auto source = static_cast<std::size_t>(source_row ? source_row(i) : i);
      sources[static_cast<std::size_t>(row)] = stored.data.subspan(source * *row_bytes, *row_bytes);
    }
    if (!out.is_float()) {
      pack_quantised_panel(stored, sources, out.layout, panel);
      continue;
    }
    for (int row = 0; row < kPanelRows; ++row) {
      const auto source = sources[static_cast<std::size_t>(row)];
      if (!source.empty()) pack_float_row(stored, source, row, out.layout.codes, panel, decoded);
    }
  }
}

std::size_t QuantizedRows::bytes(int n_rows, int n_in) {
  const std::size_t n = n_codes(n_rows, n_in);
  return n + 3 * (n / 8) + n / 4;
}

QuantizedRows QuantizedRows::in(std::byte* memory, int n_rows, int n_in) {
  const std::size_t n = n_codes(n_rows, n_in);
  const auto take = [&memory](std::size_t bytes) {
    std::byte* at = memory;
    memory += bytes;
    return at;
  };
  QuantizedRows out;
  out.n_in = n_in;
  out.codes = reinterpret_cast<std::int8_t*>(take(n));
  out.scale = reinterpret_cast<float*>(take(n / 8));  // one f32 per 32 inputs
  out.sum = reinterpret_cast<float*>(take(n / 8));
  out.negsum = reinterpret_cast<float*>(take(n / 8));
  out.negsum_half = reinterpret_cast<float*>(take(n / 4));
  return out;
}

}  // namespace plmm::kernel
