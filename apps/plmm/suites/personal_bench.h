// plmm bench personal: whether what a person said is found again, how fast, and how large it is.
#pragma once

#include "apps/plmm/context.h"
#include "bench/bench.h"

namespace plmm::suites {

/// In a home of its own: the user's memory is not touched. Errors as bench::run().
Result<bench::Verdict> run_personal_bench(cli::Context& context, const bench::Options& options,
                                          const bench::Output& output);

}  // namespace plmm::suites
