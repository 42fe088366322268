// What is wrong with a chain of transfers before anyone looks at the accounts.
#pragma once

#include <span>
#include <vector>

#include "ledger/types.h"

namespace plmm::ledger {

/// ok, or why the transfer can never be accepted.
Answer check_form(const Transfer& transfer);

/// One answer per transfer (at least one): all ok, or the guilty one's and linked_failed.
std::vector<Answer> check_form(std::span<const Transfer> chain);

}  // namespace plmm::ledger
