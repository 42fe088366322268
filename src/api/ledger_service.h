// A ledger behind HTTP: who may say what, and nothing said twice. docs/formats/http.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "ledger/types.h"
#include "net/server.h"
#include "protocol/ledger_command.h"
#include "protocol/ports.h"

namespace plmm::api {

/// How far a command's time may be from the ledger's clock.
inline constexpr std::int64_t kCommandAgeMsMax = 120'000;
/// Commands that are remembered for as long; more in that time are refused.
inline constexpr std::size_t kRememberedMax = 100'000;

/// Refuses a nonce that was there before, for as long as its time could be accepted. Any thread.
class ReplayGuard {
 public:
  /// invalid_argument for a time that is too far from now, with the difference, and for a nonce
  /// that came before; offline when too many came.
  Result<> admit(const ledger::Id128& nonce, std::int64_t time_ms, std::int64_t now_ms);

 private:
  std::mutex mutex_;
  std::map<ledger::Id128, std::int64_t> seen_;  // nonce → when it can be forgotten
  std::int64_t swept_ms_ = 0;
};

/// What a ledger can do that its port does not show to others.
struct LedgerOperator {
  protocol::LedgerPort& port;
  /// Opens an expert's revenue and reward pool; again changes nothing.
  std::function<Result<>(ledger::HolderId expert)> open_expert;
  /// A reservation whatever became of it; not_found when there never was one.
  std::function<Result<protocol::Reservation>(ledger::TransferId id)> any_reservation;
  Clock clock;
};

/// answer() is for many threads at once, as are the functions of the operator.
class LedgerService {
 public:
  explicit LedgerService(LedgerOperator ledger) : ledger_(std::move(ledger)) {}

  void answer(const net::Request& request, net::Reply& reply);

 private:
  Result<std::string> perform(const protocol::LedgerCommand& command);
  Result<std::string> settle(const protocol::LedgerCommand& command);

  LedgerOperator ledger_;
  ReplayGuard guard_;
};

}  // namespace plmm::api
