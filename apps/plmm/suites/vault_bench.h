// The vault's rows of plmm bench personal: a hundred thousand records, opened, read, added to and
// checked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/report.h"

namespace plmm::suites {

/// Makes a vault in `folder`, which must be empty.
Result<> bench_vault(const std::filesystem::path& folder, bench::Report& report);

/// The value that 95 of 100 do not exceed.
double slow_end(std::vector<double> values);
/// A row with a goal, which says whether less or more is better.
bench::Metric row(std::string name, double value, std::string unit, bench::Goal goal,
                  std::string note);

}  // namespace plmm::suites
