// One weight at a time, by the byte picture of docs/formats/packed.md.
#include "kernel/reference/panel_codes.h"

#include <cstring>

#include "tensor/blocks.h"

namespace plmm::kernel::reference {
namespace {

unsigned byte_at(const std::byte* base, int offset) { return static_cast<unsigned>(base[offset]); }

float half_at(const std::byte* base, int offset) {
  std::uint16_t half;
  std::memcpy(&half, base + offset, sizeof half);
  return tensor::f16_to_f32(half);
}

}  // namespace

int panel_code(const PackedMatrix& w, int p, int row, int k) {
  const CodeKind kind = w.layout.codes;
  const int block_bytes = kind == CodeKind::u4   ? 256
                          : kind == CodeKind::u5 ? 320
                          : kind == CodeKind::u6 ? 384
                                                 : 512;
  const std::byte* block = w.panel(p) + w.layout.codes_offset + k / kBlock * block_bytes;
  const int line = k % kBlock / 4, byte = row * 4 + k % 4;
  if (kind == CodeKind::u8) return static_cast<int>(byte_at(block, line * 64 + byte));
  const unsigned both = byte_at(block, line % 4 * 64 + byte);
  unsigned code = line < 4 ? both & 15U : both >> 4;
  if (kind == CodeKind::u5) code |= (byte_at(block, 256 + byte) >> line & 1U) << 4;
  if (kind == CodeKind::u6) {
    code |= (byte_at(block, 256 + line / 4 * 64 + byte) >> (line % 4 * 2) & 3U) << 4;
  }
  return static_cast<int>(code);
}

PanelScale panel_scale(const PackedMatrix& w, int p, int row, int s) {
  const std::byte* panel = w.panel(p);
  const PanelLayout& layout = w.layout;
  if (layout.scales == ScaleKind::half) {
    const int n_blocks = w.n_in / kBlock;
    const float minimum =
        layout.has_minimum ? half_at(panel, ((n_blocks + s) * kPanelRows + row) * 2) : 0.0F;
    return {half_at(panel, (s * kPanelRows + row) * 2), minimum};
  }
  const int n_subs = kSuperBlock / layout.n_sub, n_kinds = layout.has_minimum ? 2 : 1;
  const std::byte* super = panel + s / n_subs * (kPanelRows * 2 + n_subs * kPanelRows) * n_kinds;
  const std::byte* subs = super + kPanelRows * 2 * n_kinds;
  const auto sub_scale = static_cast<std::int8_t>(byte_at(subs, s % n_subs * kPanelRows + row));
  const float scale = static_cast<float>(sub_scale) * half_at(super, row * 2);
  if (!layout.has_minimum) return {scale, 0.0F};
  const auto sub_min = static_cast<float>(byte_at(subs, (n_subs + s % n_subs) * kPanelRows + row));
  return {scale, sub_min * -half_at(super, (kPanelRows + row) * 2)};
}

float panel_weight(const PackedMatrix& w, int p, int row, int k) {
  const std::byte* panel = w.panel(p);
  const int index = k * kPanelRows + row;
  if (w.layout.codes == CodeKind::f32) {
    float value;
    std::memcpy(&value, panel + static_cast<std::size_t>(index) * 4, sizeof value);
    return value;
  }
  std::uint16_t half;
  std::memcpy(&half, panel + static_cast<std::size_t>(index) * 2, sizeof half);
  return w.layout.codes == CodeKind::f16 ? tensor::f16_to_f32(half) : tensor::bf16_to_f32(half);
}

}  // namespace plmm::kernel::reference
