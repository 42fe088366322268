// plmm learn auto: learns by itself, when there is enough new and nobody needs the machine.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// Until Ctrl-C; with --once it learns or says why not.
Result<ExitCode> learn_auto(Context& context);

}  // namespace plmm::cli
