// The rows of plmm bench personal about facts: are those that are stored true, and found?
#pragma once

#include <filesystem>

#include "apps/plmm/context.h"
#include "bench/bench.h"
#include "bench/report.h"

namespace plmm::suites {

/// On testdata/facts, or on `options.data`; the vault is made in `folder`. not_found where the
/// package that the labels are of was not pulled.
Result<> bench_facts(cli::Context& context, const bench::Options& options,
                     const std::filesystem::path& folder, bench::Report& report);

}  // namespace plmm::suites
