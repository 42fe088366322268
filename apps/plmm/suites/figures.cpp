// Times, and metrics with a goal; see figures.h.
#include "apps/plmm/suites/figures.h"

#include <algorithm>
#include <utility>

namespace plmm::suites {

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double slow_end(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[(values.size() * 95 - 1) / 100];
}

bench::Metric row(std::string name, double value, std::string unit, std::string note) {
  bench::Metric out;
  out.name = std::move(name);
  out.value = value;
  out.unit = std::move(unit);
  out.note = std::move(note);
  return out;
}

bench::Metric row(std::string name, double value, std::string unit, bench::GoalKind kind,
                  double bound, std::string note) {
  bench::Metric out = row(std::move(name), value, std::move(unit), std::move(note));
  out.better = kind == bench::GoalKind::value_at_most ? bench::Better::less : bench::Better::more;
  out.goal = bench::Goal{kind, bound, {}};
  return out;
}

}  // namespace plmm::suites
