// The vault's rows of plmm bench personal: a hundred thousand records, opened, read, added to and
// checked.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "bench/report.h"

namespace plmm::suites {

/// Makes a vault in `folder`, which must be empty.
Result<> bench_vault(const std::filesystem::path& folder, bench::Report& report);

}  // namespace plmm::suites
