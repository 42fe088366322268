// Feature detection by compiler builtins, auxiliary vector and arch_prctl.
#include "base/cpu.h"

#include <fstream>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace plmm {

#if defined(__x86_64__)
namespace {

/// Linux hands out the 8 KiB AMX tile state only on request (arch_prctl ARCH_REQ_XCOMP_PERM,
/// feature 18).
bool request_amx_state() {
  constexpr long kArchReqXcompPerm = 0x1023;
  constexpr long kXfeatureXtiledata = 18;
  return ::syscall(SYS_arch_prctl, kArchReqXcompPerm, kXfeatureXtiledata) == 0;
}

}  // namespace

CpuFeatures detect_cpu() {
  CpuFeatures out;
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool f16c = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
  out.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && f16c;
  out.avx512_vnni = out.avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
  if (out.avx512_vnni && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0)
    out.avx512_bf16 = (a & (1U << 5)) != 0;
  if (out.avx512_vnni && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & (1U << 24)) != 0) {
    const bool granted = request_amx_state();
    out.amx_int8 = granted && (d & (1U << 25)) != 0;
    out.amx_bf16 = granted && (d & (1U << 22)) != 0;
  }
  return out;
}
#elif defined(__aarch64__)
CpuFeatures detect_cpu() {
  CpuFeatures out;
  out.neon_dotprod = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  out.neon_i8mm = (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
  return out;
}
#else
CpuFeatures detect_cpu() { return {}; }
#endif

std::string feature_text(const CpuFeatures& cpu) {
  std::string out;
  const auto add = [&](bool has, std::string_view feature) {
    if (!has) return;
    if (!out.empty()) out += ", ";
    out += feature;
  };
  add(cpu.avx2, "AVX2");
  add(cpu.avx512_vnni, "AVX-512 VNNI");
  add(cpu.avx512_bf16, "AVX-512 BF16");
  add(cpu.amx_int8, "AMX int8");
  add(cpu.amx_bf16, "AMX bf16");
  add(cpu.neon_dotprod, "NEON dot product");
  add(cpu.neon_i8mm, "NEON i8mm");
  return out;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
#if defined(__aarch64__)
  return "aarch64";
#else
  return "x86-64";
#endif
}

}  // namespace plmm
