// Read bandwidth: wide loads, summed so that none can be left out.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/cpu.h"
#include "bench/machine.h"

namespace plmm::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTries = 5;
constexpr double kTrySeconds = 0.03;
constexpr std::size_t kUnroll = 8;  // independent sums: enough loads in flight

/// A cache line; the widest vector of any CPU we know, which smaller ones take in parts.
using Line [[gnu::vector_size(64)]] = std::uint64_t;
struct alignas(64) Storage {
  std::array<std::uint64_t, 8> words{};
};

[[gnu::always_inline]] inline std::uint64_t sum_lines(const Storage* from, std::size_t n) {
  std::array<Line, kUnroll> sums{};
  const auto* lines = reinterpret_cast<const Line*>(from);
  for (std::size_t i = 0; i + kUnroll <= n; i += kUnroll)
    for (std::size_t k = 0; k < kUnroll; ++k) sums[k] += lines[i + k];
  std::uint64_t out = 0;
  for (const Line& sum : sums)
    for (std::size_t k = 0; k < 8; ++k) out += sum[k];
  return out;
}

std::uint64_t sum_baseline(const Storage* from, std::size_t n) { return sum_lines(from, n); }
#if defined(__x86_64__)
[[gnu::target("avx2")]] std::uint64_t sum_avx2(const Storage* from, std::size_t n) {
  return sum_lines(from, n);
}
[[gnu::target("avx512f,prefer-vector-width=512")]] std::uint64_t sum_avx512(const Storage* from,
                                                                            std::size_t n) {
  return sum_lines(from, n);
}
#endif

using Sum = std::uint64_t (*)(const Storage*, std::size_t);
Sum widest_sum() {
#if defined(__x86_64__)
  const CpuFeatures cpu = detect_cpu();
  if (cpu.avx512_vnni) return sum_avx512;
  if (cpu.avx2) return sum_avx2;
#endif
  return sum_baseline;
}

}  // namespace

double read_bandwidth(ThreadPool& pool, std::size_t bytes) {
  const Sum sum = widest_sum();
  const std::size_t n_lines = std::max<std::size_t>(bytes / sizeof(Storage), kUnroll);
  const std::vector<Storage> memory(n_lines);
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(pool.size()));
  double best = 0;
  for (int attempt = 0, n_passes = 1; attempt < kTries;) {
    const auto start = Clock::now();
    pool.run([&](int thread) {
      const auto begin = n_lines * static_cast<std::size_t>(thread) / sums.size();
      const auto end = n_lines * static_cast<std::size_t>(thread + 1) / sums.size();
      for (int pass = 0; pass < n_passes; ++pass) {
        const std::uint64_t part = sum(memory.data() + begin, end - begin);
        // The compiler may not know that every pass gives the same.
        asm volatile("" : : "r"(part) : "memory");
        sums[static_cast<std::size_t>(thread)] = part;
      }
    });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (seconds < kTrySeconds) {
      n_passes *= 2;
      continue;
    }
    best = std::max(best, static_cast<double>(n_lines * sizeof(Storage)) * n_passes / seconds);
    ++attempt;
  }
  return best;
}

}  // namespace plmm::bench
