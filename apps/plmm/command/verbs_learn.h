// plmm learn in the table of verbs.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb learn_verb();

}  // namespace plmm::command
