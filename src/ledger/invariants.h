// What must hold in a ledger at every moment, checked from scratch.
#pragma once

#include "base/result.h"
#include "ledger/ledger.h"

namespace plmm::ledger {

/// Adds all transfers up anew. corrupt_data names the first invariant that does not hold:
/// 1. the sum of all debits is the sum of all credits, posted and pending alike;
/// 2. each account's four sums are those of its transfers and open reservations;
/// 3. no limited account has debits, pending ones included, above its posted credits;
/// 4. each reservation was ended once at most, and posted at most what was reserved.
Result<> check_invariants(const Ledger& ledger);

}  // namespace plmm::ledger
