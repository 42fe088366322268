// The AVX-512 VNNI tier, and the table of the AMX tier, which shares all but two functions with it.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernel/backward.h"
#include "kernel/dispatch.h"
#include "kernel/tiers/constants.h"
#include "kernel/tiers/tiers.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 warns inside its own AVX-512 header
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")
namespace plmm::kernel {
namespace avx512 {
// In this order: the registers, what is written with them, the table of it.
#include "kernel/tiers/vec_avx512.inl"

#include "kernel/tiers/vector_ops.inl"

#include "kernel/tiers/matmul_ops.inl"

#include "kernel/tiers/int8_cache_halves.inl"

#include "kernel/tiers/int8_cache_ops.inl"

#include "kernel/tiers/backward_ops.inl"

#include "kernel/tiers/table.inl"

void spread_signed(const PackedMatrix& w, int panel, std::byte* spread) {
  const SpreadPanel out = spread_in(spread, w.n_in);
  for_layout(w.layout, [&]<CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>() {
    spread_panel<kKind, kScales, kSubs, kMode>(w, w.panel(panel), out);
  });
  if (w.layout.zero_shift < 0) return;
  const __m512i zero = _mm512_set1_epi8(static_cast<char>(1U << w.layout.zero_shift));
  for (int i = 0; i < w.n_in / 4; ++i) {
    std::byte* line = out.lines + static_cast<std::size_t>(i) * 64;
    b_store(line, {_mm512_sub_epi8(b_load(line).v, zero)});
  }
}
}  // namespace avx512
}  // namespace plmm::kernel
#pragma GCC pop_options
#pragma GCC diagnostic pop

namespace plmm::kernel {
namespace {

constexpr Kernels with_tiles(Kernels table) {
  table.matmul = amx::matmul;
  table.int8_peak = amx::int8_peak;
  return table;
}

}  // namespace

constinit const Kernels kAvx512Kernels = avx512::make_table("avx512");
constinit const Kernels kAmxKernels = with_tiles(avx512::make_table("amx"));
}  // namespace plmm::kernel
#endif
