// Rows of the suites, and what times become before they stand in one.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "bench/report.h"

namespace plmm::suites {

using Clock = std::chrono::steady_clock;
double milliseconds_since(Clock::time_point start);

/// The value that 95 of 100 do not exceed.
double slow_end(std::vector<double> values);

/// A row without a goal.
bench::Metric row(std::string name, double value, std::string unit, std::string note);
/// A row whose value must be at least, or at most, `bound`; which one says whether less or more is
/// better.
bench::Metric row(std::string name, double value, std::string unit, bench::GoalKind kind,
                  double bound, std::string note);

}  // namespace plmm::suites
