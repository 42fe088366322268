// The rows of plmm bench personal about preferences: is what a person stated once found when a
// question needs it, and does the model heed it?
#pragma once

#include <filesystem>

#include "apps/plmm/context.h"
#include "bench/bench.h"
#include "bench/report.h"

namespace plmm::suites {

/// On assets/following/test.jsonl, or on `options.data`, among turns of the package
/// chitchat-dataset; vaults are made in `folder`. `learns`: the model is taught too, which takes
/// half an hour. not_found where the package was not pulled, or
/// the model or the embedding model is not here.
Result<> bench_preferences(cli::Context& context, const bench::Options& options, bool learns,
                           const std::filesystem::path& folder, bench::Report& report);

}  // namespace plmm::suites
