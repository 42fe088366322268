// The verb of a teacher; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb teacher_verb();

}  // namespace plmm::command
