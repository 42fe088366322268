// What an expert's owner sees and does with its money: actions of plmm expert.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// plmm expert earnings NAME
Result<ExitCode> show_earnings(Context& context);
/// plmm expert fund NAME AMOUNT: puts credits of the developer into the pool of rewards, and pays
/// what is owed.
Result<ExitCode> fund_expert(Context& context);

}  // namespace plmm::cli
