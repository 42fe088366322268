// Chooses the kernel table once, from what the CPU can do.
#include "kernel/dispatch.h"

#include <string>

#include <algorithm>
#include <vector>

#include "kernel/tiers/tiers.h"

namespace plmm::kernel {

std::size_t scratch_bytes(int n_in) {
  // Not spread_bytes · panel_group of n_in itself: a narrower matrix may fill a larger group.
  return std::max(spread_bytes(n_in) * kPanelTileMax,
                  std::min(spread_bytes(n_in) * kPanelGroupMax, kGroupBytes)) +
         64;
}

std::span<const Kernels* const> available_kernels() {
  static const std::vector<const Kernels*> kTables = [] {
    const CpuFeatures cpu = detect_cpu();
    std::vector<const Kernels*> out;
#if defined(__x86_64__)
    if (cpu.amx_int8) out.push_back(&kAmxKernels);
    if (cpu.avx512_vnni) out.push_back(&kAvx512Kernels);
    if (cpu.avx2) out.push_back(&kAvx2Kernels);
#elif defined(__aarch64__)
    if (cpu.neon_dotprod) out.push_back(&kNeonKernels);
#endif
    out.push_back(&kReferenceKernels);
    return out;
  }();
  return kTables;
}

const Kernels* find_kernels(std::string_view name) {
  for (const Kernels* table : available_kernels()) {
    if (name.empty() || table->name == name) return table;
  }
  return nullptr;
}

Result<const Kernels*> choose_kernels(std::string_view name) {
  if (const auto* kernels = find_kernels(name)) return kernels;
  std::string names;
  for (const auto* table : available_kernels())
    names += (names.empty() ? "" : ", ") + std::string(table->name);
  return fail(ErrorCode::invalid_argument,
              "this CPU has no kernel tier of that name; it has: " + names);
}

}  // namespace plmm::kernel
