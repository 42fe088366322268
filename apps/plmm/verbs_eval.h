// The verb that measures a model on your own questions and texts; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb eval_verb();

}  // namespace plmm::cli
