// The verb that trains; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb train_verb();

}  // namespace plmm::command
