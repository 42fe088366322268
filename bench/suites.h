// The suites by themselves; bench.h chooses one.
#pragma once

#include "bench/bench.h"
#include "bench/report.h"
#include "kernel/dispatch.h"

namespace plmm::bench {

/// Bandwidth, peaks, and for each model load, prefill, decode and first token.
Result<> run_engine(const Options& options, const kernel::Kernels& kernels, const Output& output,
                    Report& report);

/// The exact path against transformers, and the fast path's divergence beside the peers'.
Result<> run_accuracy(const Options& options, const kernel::Kernels& kernels, const Output& output,
                      Report& report);

/// Training of an adapter: speed, memory, share of the peak, and beside torch with PEFT.
Result<> run_train(const Options& options, const kernel::Kernels& kernels, const Output& output,
                   Report& report);

}  // namespace plmm::bench
