// The verb of a teacher; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb teacher_verb();

}  // namespace plmm::cli
