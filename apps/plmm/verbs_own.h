// The verbs about experts and a person's own data, for the table in verbs.cpp.
#pragma once

#include <vector>

#include "apps/plmm/verbs.h"

namespace plmm::cli {

/// expert, profile, outbox, why, wallet, vault.
std::vector<Verb> own_verbs();

}  // namespace plmm::cli
