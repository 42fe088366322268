// Manual pages in roff, from the same table as --help.
#pragma once

#include <string>

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

/// plmm(1)
std::string overview_man();
/// plmm-VERB(1)
std::string verb_man(const Verb& verb);

}  // namespace plmm::command
