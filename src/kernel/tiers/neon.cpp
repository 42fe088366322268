// The NEON tier with dot products (Armv8.2 and later).
#if defined(__aarch64__)
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernel/backward.h"
#include "kernel/dispatch.h"
#include "kernel/tiers/constants.h"
#include "kernel/tiers/tiers.h"

#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
namespace plmm::kernel {
namespace neon {
namespace {
// In this order: the registers, what is written with them, the table of it.
#include "kernel/tiers/vec_neon.inl"

#include "kernel/tiers/vector_ops.inl"

#include "kernel/tiers/matmul_ops.inl"

#include "kernel/tiers/int8_cache_halves.inl"

#include "kernel/tiers/int8_cache_ops.inl"

#include "kernel/tiers/backward_ops.inl"

#include "kernel/tiers/table.inl"
}  // namespace
}  // namespace neon
}  // namespace plmm::kernel
#pragma GCC pop_options

namespace plmm::kernel {
constinit const Kernels kNeonKernels = neon::make_table("neon");
}  // namespace plmm::kernel
#endif
