// What a long conversation costs.
#pragma once

#include <optional>

#include "bench/bench.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {

/// Decoding behind 4,096 tokens over decoding behind one, measured in turn. Nothing for a model
/// whose context is shorter.
Result<std::optional<Metric>> depth_row(const Options& options, const ModelFile& file,
                                        infer::Engine& engine);

}  // namespace plmm::bench
