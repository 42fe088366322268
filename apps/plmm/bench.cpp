// plmm bench: hands over to the library of suites.
#include "apps/plmm/context.h"

namespace plmm::cli {

Result<ExitCode> run_bench(Context&) { return fail(ErrorCode::unsupported, "not here yet"); }

}  // namespace plmm::cli
