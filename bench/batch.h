// How fast many sequences decode together, beside one alone.
#pragma once

#include "base/result.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "infer/engine.h"

namespace plmm::bench {

/// Adds batch16/MODEL: tokens a second of 16 sequences in one infer::Batch over those of one, taken
/// in turn. Needs nothing else to use the engine.
Result<> measure_batch(const Options& options, infer::Engine& engine, const ModelFile& file,
                       Report& report);

}  // namespace plmm::bench
