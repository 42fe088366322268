// The verb that makes one adapter of several; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb merge_verb();

}  // namespace plmm::cli
