// What this processor can do; asked once at start.
#pragma once

#include <string>

namespace plmm {

struct CpuFeatures {
  bool avx2 = false;         // AVX2 + FMA + F16C
  bool avx512_vnni = false;  // AVX-512 F, BW, DQ, VL and VNNI
  bool avx512_bf16 = false;
  bool amx_int8 = false;  // tiles, and the kernel granted their state to this process
  bool amx_bf16 = false;
  bool neon_dotprod = false;
  bool neon_i8mm = false;
};

/// Detects the features, operating-system support included. On Linux x86-64 it asks the kernel for
/// AMX state.
CpuFeatures detect_cpu();
/// "AVX2, AVX-512 VNNI"; empty when there are none.
std::string feature_text(const CpuFeatures& cpu);

/// "Intel(R) Xeon(R) …" from the operating system, or the architecture's name.
std::string cpu_name();

}  // namespace plmm
