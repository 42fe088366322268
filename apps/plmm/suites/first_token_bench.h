// How long a person waits for the first word of a model that knows them.
#pragma once

#include <filesystem>

#include "apps/plmm/context.h"
#include "bench/bench.h"
#include "bench/report.h"

namespace plmm::suites {

/// One of the invented people (testdata/personal) with a profile, months of conversations and the
/// documentation of this project as documents of their own. Two rows: a first turn that nothing is
/// recalled for, and turns of a conversation that has thousands of tokens of recalled turns and
/// passages behind it, each with what is recalled for itself. Embedding, search and reading the new
/// tokens count; the profile and what stood there before were read before. Files in `folder`.
Result<> bench_first_token(cli::Context& context, const bench::Options& options,
                           const std::filesystem::path& folder, bench::Report& report);

}  // namespace plmm::suites
