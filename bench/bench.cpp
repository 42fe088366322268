// Chooses the suite.
#include "bench/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/machine.h"
#include "bench/suites.h"

namespace plmm::bench {

Result<> go_on(const Options& options) {
  if (options.cancel != nullptr && options.cancel->requested())
    return fail(ErrorCode::cancelled, "the bench was stopped; its figures are not complete");
  return {};
}

Result<Verdict> run(const Options& options, const Output& output) {
  const kernel::Kernels* kernels = TRY(kernel::choose_kernels(options.tier));
  Report report(options, output);
  Result<> done;
  if (options.suite == "engine") {
    done = run_engine(options, *kernels, output, report);
  } else if (options.suite == "accuracy") {
    done = run_accuracy(options, *kernels, output, report);
  } else if (options.suite == "train") {
    done = run_train(options, *kernels, output, report);
  } else {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("no suite '{}'; there are engine, accuracy, adapt, loop, personal and train",
                    options.suite));
  }
  if (!done) return std::unexpected(done.error());
  return report.verdict();
}

}  // namespace plmm::bench
