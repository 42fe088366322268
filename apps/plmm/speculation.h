// Whether and how a running model guesses ahead: the settings speculation and draft_model.
#pragma once

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"

namespace plmm::cli {

/// Lets the model's session speculate as the settings say. A draft model that cannot guess for this
/// one, or is not here, is an error where it was asked for by a flag or a variable; one of the
/// config file is left out, and that is said. A model does not draft for itself.
Result<> use_speculation(Context& context, RunningModel& model);

}  // namespace plmm::cli
