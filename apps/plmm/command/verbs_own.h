// The verbs about experts and a person's own data, for the table in verbs.cpp.
#pragma once

#include <vector>

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

/// expert, profile, outbox, why, wallet, vault.
std::vector<Verb> own_verbs();

}  // namespace plmm::command
