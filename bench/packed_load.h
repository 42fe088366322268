// What packed weights in a file are worth.
#pragma once

#include "bench/bench.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {

/// Seconds to load a model whose packed weights an earlier load has kept; the note has the seconds
/// without and the speed of decoding from the map over that from memory of its own.
Result<Metric> packed_load_row(const Options& options, const ModelFile& file);

}  // namespace plmm::bench
