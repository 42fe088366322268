// The verb that makes one adapter of several; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb merge_verb();

}  // namespace plmm::command
