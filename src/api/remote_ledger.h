// A ledger on another machine behind the port that all tiers know; commands are signed here.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "crypto/sign.h"
#include "net/client.h"
#include "protocol/ledger_command.h"
#include "protocol/ports.h"

namespace plmm::api {

/// Any thread. It speaks for one key: what only others may do is refused by the ledger. An error
/// offline means that nobody knows; a refusal of the ledger's rules is invalid_argument or
/// not_found and changes nothing.
class RemoteLedger : public protocol::LedgerPort {
 public:
  /// `url`: of net::service_url(). The key outlives it.
  RemoteLedger(std::string url, const crypto::KeyPair& key, Clock clock,
               std::chrono::milliseconds silence_max = std::chrono::seconds(15));

  /// Of this key; another user is invalid_argument.
  Result<protocol::Balance> open_wallet(ledger::HolderId user) override;
  /// Revenue and reward pool of this key; again changes nothing.
  Result<> open_expert();
  Result<protocol::LedgerReply> reserve(const protocol::Reservation& reservation) override;
  Result<protocol::LedgerReply> post(ledger::TransferId reservation,
                                     ledger::Microcredits exact) override;
  Result<protocol::LedgerReply> void_(ledger::TransferId reservation) override;
  Result<protocol::LedgerReply> reward(const protocol::Reward& reward) override;
  Result<protocol::Reservation> reservation(ledger::TransferId id) override;
  Result<protocol::Balance> balance(ledger::AccountId account) override;
  Result<protocol::StatementPage> statement(ledger::AccountId account, std::uint64_t from,
                                            std::size_t limit) override;

 private:
  Result<std::string> say(protocol::LedgerCommand command) const;

  std::string url_;
  const crypto::KeyPair& key_;
  Clock clock_;
  net::HttpClient client_;
};

}  // namespace plmm::api
