// The style rows of plmm bench personal: what plmm learn learns of real people.
#pragma once

#include <filesystem>

#include "apps/plmm/context.h"
#include "bench/bench.h"
#include "bench/report.h"

namespace plmm::suites {

/// Where the package chitchat-dataset is. not_found where it was not pulled.
Result<std::filesystem::path> chitchat_file(const cli::Context& context);

/// Of the heaviest people of chitchat-dataset the older conversations are learnt and the newest
/// fifth is predicted, before and after. not_found where the package was not pulled.
Result<> bench_style(cli::Context& context, const bench::Options& options, bench::Report& report);

}  // namespace plmm::suites
