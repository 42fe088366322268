// Verbs that answer others over HTTP until they are stopped.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// plmm expert serve NAME.
Result<ExitCode> serve_expert(Context& context);

}  // namespace plmm::cli
