// plmm teacher run.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// Hands out the releases of this machine's teacher until Ctrl-C.
Result<ExitCode> run_teacher_service(Context& context);

}  // namespace plmm::cli
