// The tables of the tiers that this build contains; dispatch.cpp chooses among them.
#pragma once

#include "kernel/dispatch.h"

namespace plmm::kernel {

/// Panels that one tile of vector registers meets at once, on any tier.
inline constexpr int kPanelTileMax = 2;
/// Panels that AMX spreads out together for a batch of tokens, so that activations are read once
/// for all of them.
inline constexpr int kPanelGroupMax = 4;
/// Bytes of one spread panel: 16 of codes and two f32 (scale, minimum; 16 rows for each 16 inputs)
/// per input.
constexpr std::size_t spread_bytes(int n_in) { return static_cast<std::size_t>(n_in) * 24; }
/// Half of a 1 MiB second-level cache.
inline constexpr std::size_t kGroupBytes = std::size_t{1} << 19;
/// As many as fit kGroupBytes, at least one.
constexpr int panel_group(int n_in) {
  const std::size_t fit = kGroupBytes / spread_bytes(n_in);
  return fit < 1 ? 1 : fit > kPanelGroupMax ? kPanelGroupMax : static_cast<int>(fit);
}

extern const Kernels kReferenceKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kAmxKernels;

namespace avx512 {
/// Codes as signed bytes with the zero point taken off, for AMX: [n_in/4] lines of 64, then scales
/// and minima [n_in / n_sub][16] at the offsets that spread_panel uses.
void spread_signed(const PackedMatrix& w, int panel, std::byte* spread);
void matmul(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
            int token_end, float* y, int ldy, Epilogue epilogue, std::byte* scratch);
}  // namespace avx512
namespace amx {
void matmul(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
            int token_end, float* y, int ldy, Epilogue epilogue, std::byte* scratch);
double int8_peak(int effort);
}  // namespace amx
#elif defined(__aarch64__)
extern const Kernels kNeonKernels;
#endif

}  // namespace plmm::kernel
