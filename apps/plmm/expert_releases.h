// The actions of plmm expert that are about a teacher's releases.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// plmm expert releases NAME: which were taken, and what they did.
Result<ExitCode> list_releases(Context& context);
/// plmm expert rollback NAME: undoes the newest.
Result<ExitCode> roll_back_release(Context& context);
/// plmm expert update NAME: takes the teacher's next one.
Result<ExitCode> update_expert(Context& context);

}  // namespace plmm::cli
