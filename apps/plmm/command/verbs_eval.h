// The verb that measures a model on your own questions and texts; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb eval_verb();

}  // namespace plmm::command
