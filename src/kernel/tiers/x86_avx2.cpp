// The AVX2 + FMA + F16C tier.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernel/backward.h"
#include "kernel/dispatch.h"
#include "kernel/tiers/constants.h"
#include "kernel/tiers/tiers.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
namespace plmm::kernel {
namespace avx2 {
namespace {
// In this order: the registers, what is written with them, the table of it.
#include "kernel/tiers/vec_avx2.inl"

#include "kernel/tiers/vector_ops.inl"

#include "kernel/tiers/matmul_ops.inl"

#include "kernel/tiers/int8_cache_pairs.inl"

#include "kernel/tiers/int8_cache_ops.inl"

#include "kernel/tiers/backward_ops.inl"

#include "kernel/tiers/table.inl"
}  // namespace
}  // namespace avx2
}  // namespace plmm::kernel
#pragma GCC pop_options

namespace plmm::kernel {
constinit const Kernels kAvx2Kernels = avx2::make_table("avx2");
}  // namespace plmm::kernel
#endif
