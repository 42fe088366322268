// What a user was paid for contributions.
#pragma once

#include <map>

#include "apps/plmm/access.h"
#include "protocol/contribution.h"

namespace plmm::cli {

/// By contribution: what the wallet got for it.
Result<std::map<protocol::ContributionId, ledger::Microcredits>> rewards_paid(
    LedgerAccess& ledger, ledger::AccountId wallet);

}  // namespace plmm::cli
