// How much sooner an answer begins when the beginning of its prompt was stored in an earlier run.
#pragma once

#include "bench/bench.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {

/// Seconds to the first token behind 2,000 tokens and a short question, all computed, over the same
/// with the 2,000 on disk. For each turn the model is loaded anew, as after a restart; its loading
/// does not count, opening the store does. corrupt_data when an answer from the stored prefix is
/// not the one that was computed.
Result<Metric> stored_prefix_row(const Options& options, const ModelFile& file);

}  // namespace plmm::bench
