// The ledger of this machine as the verbs use it.
#pragma once

#include <memory>

#include "apps/plmm/context.h"
#include "economy/local_ledger.h"
#include "ledger/types.h"

namespace plmm::cli {

/// The ledger file with what stands before it; made where there is none.
class LedgerHere {
 public:
  static Result<std::unique_ptr<LedgerHere>> open(const Context& context);

  economy::Cashier& cashier() { return cashier_; }
  economy::LocalLedger& port() { return port_; }

 private:
  explicit LedgerHere(economy::LedgerStore store);
  economy::SharedLedger shared_;
  economy::Cashier cashier_;
  economy::LocalLedger port_;
};

/// The holder of this user's wallet: made from the device's key, so that no name is in the ledger.
Result<ledger::HolderId> user_here(const Context& context);

}  // namespace plmm::cli
