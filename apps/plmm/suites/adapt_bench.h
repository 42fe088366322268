// plmm bench adapt: what distillation costs beside plain training, and how much of the gap to its
// teacher a student closes on documents that were kept apart.
#pragma once

#include "apps/plmm/context.h"
#include "bench/bench.h"

namespace plmm::suites {

/// Needs dict-foldoc, or --data; the models qwen2.5-coder-0.5b and -1.5b, or those of --model,
/// student and teacher. Errors as bench::run(); not_found names what to install or pull.
Result<bench::Verdict> run_adapt_bench(cli::Context& context, const bench::Options& options,
                                       const bench::Output& output);

}  // namespace plmm::suites
