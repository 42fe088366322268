// The verb that trains; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb train_verb();

}  // namespace plmm::cli
