// plmm bench loop: the four parts together, measured with real weights, libraries, keys and money.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/access.h"
#include "apps/plmm/context.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/suites/gap_planter.h"
#include "apps/plmm/suites/loop_data.h"
#include "bench/bench.h"
#include "bench/report.h"
#include "personal/profile.h"

namespace plmm::suites {

/// Which parts of the suite to run.
class LoopParts {
 public:
  /// `only`: "ledger", "routing", "answers", "gaps" or "gaps/EXPERT"; none: all of them.
  /// invalid_argument names what there is.
  static Result<LoopParts> choose(std::vector<std::string> only,
                                  std::span<const std::string> experts);
  bool has(std::string_view part) const;
  bool has_gaps_of(std::string_view expert) const;
  /// Routing needs all experts, gaps only the one that is looked at.
  bool needs_expert(std::string_view expert) const;

 private:
  std::vector<std::string> only_;
};

/// Everything happens in a home of its own, made of the documents of the presets: the user's own
/// experts, profile and wallet are not touched. Errors as bench::run() and LoopParts::choose().
Result<bench::Verdict> run_loop_bench(cli::Context& context, const bench::Options& options,
                                      const bench::Output& output);

/// What the parts of the suite share.
struct LoopBench {
  cli::Context& context;  // of the suite's own home
  const LoopData& data;
  cli::ExpertModels& models;
  bench::Report& report;

  void note(std::string_view line) const { report.note(line); }
  /// Adds a metric whose value must be at least, or at most, `bound`.
  void at_least(std::string name, double value, std::string unit, double bound,
                std::string text) const;
  void at_most(std::string name, double value, std::string unit, double bound,
               std::string text) const;
  /// Adds a figure without a goal.
  void tell(std::string name, double value, std::string unit, std::string text) const;
};

/// Whether each question goes to the right expert or to none, as the chat decides it.
Result<> measure_routing(LoopBench& bench);
/// Questions for experts: the model on this device alone, and the expert with its library, paid and
/// through every check. What left is searched for the profile's values.
Result<> measure_answers(LoopBench& bench);
/// Gaps that were planted: which ones the teacher finds, and what its release mends.
Result<> measure_gaps(LoopBench& bench, const std::string& expert,
                      const std::vector<Section>& withheld);

}  // namespace plmm::suites
