// What the machine allows: read bandwidth and multiply-accumulate peaks, and the files beside us.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/thread_pool.h"
#include "bench/report.h"
#include "kernel/dispatch.h"

namespace plmm::bench {

/// Bytes a second at which all threads of the pool together read `bytes` again and again, each its
/// own part: the best of a few tries. Sizes that fit a cache give the cache's speed.
double read_bandwidth(ThreadPool& pool, std::size_t bytes);

/// int8 multiply-accumulates a second of all threads of the pool, on registers alone.
double int8_peak(const kernel::Kernels& kernels, ThreadPool& pool);
/// The same for bf16 with f32 sums; 0 when this CPU has no instruction for it.
double bf16_peak(ThreadPool& pool);
/// Part of bf16_peak: runs on this thread and returns how many it did (about 10⁸ · effort); 0 when
/// the CPU cannot.
double run_bf16(int effort);

/// "cpu": the threads, and in the note the CPU's name, its features and the kernel tier.
Metric describe_cpu(const kernel::Kernels& kernels, int n_threads);

/// `path` in the checkout that this program was built in, found from the program's own place or
/// the current folder. not_found when there is none: an installed program has no scripts.
Result<std::filesystem::path> find_in_checkout(const std::filesystem::path& path);

}  // namespace plmm::bench
