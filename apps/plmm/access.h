// A ledger and experts to ask, on this machine or elsewhere: who asks need not know where.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/remote_expert.h"
#include "api/remote_ledger.h"
#include "apps/plmm/context.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/wallet.h"
#include "expert/paid_expert.h"
#include "protocol/ports.h"

namespace plmm::cli {

/// The ledger of the setting `ledger`; the one on this machine where that is empty.
class LedgerAccess {
 public:
  static Result<std::unique_ptr<LedgerAccess>> open(const Context& context);

  /// For this user's own commands.
  protocol::LedgerPort& port() { return *port_; }

  /// The same ledger for the commands of an expert of this machine, whose accounts are opened where
  /// there are none. The key outlives it, and so does this.
  class ForExpert {
   public:
    protocol::LedgerPort& port() { return *port_; }

   private:
    friend LedgerAccess;
    std::unique_ptr<api::RemoteLedger> remote_;
    protocol::LedgerPort* port_ = nullptr;
  };
  Result<ForExpert> for_expert(const crypto::KeyPair& key);

 private:
  LedgerAccess() = default;
  std::unique_ptr<LedgerHere> here_;
  std::string url_;
  std::optional<crypto::KeyPair> key_;
  std::unique_ptr<api::RemoteLedger> remote_;
  protocol::LedgerPort* port_ = nullptr;
};

/// An expert by its name, ready to be asked and paid.
class ExpertAccess {
 public:
  /// Models and ledger outlive it. not_found names the commands that help.
  static Result<std::unique_ptr<ExpertAccess>> open(const Context& context, ExpertModels& models,
                                                    LedgerAccess& ledger, std::string_view name,
                                                    Askers askers = Askers::one);
  protocol::ExpertPort& port() { return *port_; }

 private:
  ExpertAccess() = default;
  std::unique_ptr<ExpertHere> here_;
  LedgerAccess::ForExpert purse_;
  std::unique_ptr<protocol::ExpertPort> outer_;  // in front of here_, or elsewhere
  protocol::ExpertPort* port_ = nullptr;
};

}  // namespace plmm::cli
