// plmm bench: hands over to the library of suites.
#include "apps/plmm/context.h"

namespace plmm::cli {

Result<ExitCode> run_bench(Context&) {
  // The bench's contract: 2 when a suite could not run.
  return fail(ErrorCode::invalid_argument, "this build of plmm has no suites in it");
}

}  // namespace plmm::cli
