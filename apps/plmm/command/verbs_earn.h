// The verbs about correcting experts and earning by it, for the table in verbs.cpp.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb correct_verb();
Verb earn_verb();

}  // namespace plmm::command
