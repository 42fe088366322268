// The verb that quantises; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb quantize_verb();

}  // namespace plmm::cli
