// The ledger of this machine as the verbs use it.
#pragma once

#include <filesystem>
#include <memory>

#include "apps/plmm/context.h"
#include "crypto/sign.h"
#include "economy/local_ledger.h"
#include "ledger/types.h"

namespace plmm::cli {

/// Where this machine's ledger is kept.
std::filesystem::path ledger_file(const Context& context);

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

/// The person who runs the experts of this machine, in its ledger.
inline constexpr ledger::HolderId kDeveloper{{0, 2}};

/// The key of this user's wallet, under which contributions are signed: made from the device's key,
/// so that no name is in the ledger.
Result<crypto::KeyPair> wallet_key(const Context& context);
/// The holder of this user's wallet.
Result<ledger::HolderId> user_here(const Context& context);

}  // namespace plmm::cli
