// Peaks of all cores together, the CPU in words, and the way to the checkout.
#include "bench/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <system_error>
#include <vector>

#include "base/cpu.h"

namespace plmm::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kTries = 5;
constexpr double kTrySeconds = 0.05;  // long enough to wake the clock of a core up

/// Work a second of all threads; `work(effort)` says how much it did.
double peak(ThreadPool& pool, const std::function<double(int)>& work) {
  double best = 0;
  for (int attempt = 0, effort = 1; attempt < kTries;) {
    std::vector<double> done(static_cast<std::size_t>(pool.size()));
    const auto start = Clock::now();
    pool.run([&](int thread) { done[static_cast<std::size_t>(thread)] = work(effort); });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    double sum = 0;
    for (const double part : done) sum += part;
    if (sum == 0) return 0;
    if (seconds < kTrySeconds) {
      effort *= 2;
      continue;
    }
    best = std::max(best, sum / seconds);
    ++attempt;
  }
  return best;
}

}  // namespace

double int8_peak(const kernel::Kernels& kernels, ThreadPool& pool) {
  return peak(pool, kernels.int8_peak);
}

double bf16_peak(ThreadPool& pool) { return peak(pool, run_bf16); }

Metric describe_cpu(const kernel::Kernels& kernels, int n_threads) {
  Metric out;
  out.name = "cpu";
  out.value = n_threads;
  out.unit = "threads";
  out.note =
      fmt::format("{}; {}; kernels {}", cpu_name(), feature_text(detect_cpu()), kernels.name);
  return out;
}

Result<fs::path> find_in_checkout(const fs::path& path) {
  std::error_code error;
  for (const fs::path& from :
       {fs::read_symlink("/proc/self/exe", error).parent_path(), fs::current_path(error)}) {
    for (fs::path folder = from; !folder.empty(); folder = folder.parent_path()) {
      if (fs::exists(folder / path, error)) return folder / path;
      if (folder == folder.root_path()) break;
    }
  }
  return fail(ErrorCode::not_found,
              fmt::format("{} is not here: run plmm from its source folder", path.string()));
}

}  // namespace plmm::bench
