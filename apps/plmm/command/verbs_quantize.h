// The verb that quantises; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb quantize_verb();

}  // namespace plmm::command
