// The verbs about correcting experts and earning by it, for the table in verbs.cpp.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb correct_verb();
Verb earn_verb();

}  // namespace plmm::cli
