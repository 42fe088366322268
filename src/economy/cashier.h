// The flow of money between users, experts and developers: reserve, post, reward, pay out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "economy/ledger_store.h"
#include "economy/shared_ledger.h"

namespace plmm::economy {

/// A transfer that stands in the journal. With the chain's value it proves its place there.
struct Receipt {
  TransferId id;
  ledger::TransferKind kind = ledger::TransferKind::direct;
  ledger::Purpose purpose = ledger::Purpose::answer;
  AccountId debit;
  AccountId credit;
  Microcredits amount;      // of a reservation: at most
  ledger::Id128 reference;  // the request, contribution … that the caller named
  std::uint64_t sequence = 0;
  std::int64_t time_ms = 0;
  Digest chain{};
};

/// The receipt is empty unless the answer is ok.
struct Reply {
  ledger::Answer answer = ledger::Answer::ok;
  Receipt receipt;
  bool ok() const { return answer == ledger::Answer::ok; }
};

/// What an answer means for a person, and what to do next.
std::string_view explain(ledger::Answer answer);

using protocol::Reservation;
using protocol::Reward;

struct Funding {
  HolderId expert;
  ledger::Id128 id;
  Microcredits amount;
};
struct Payout {
  HolderId expert;
  HolderId developer;
  ledger::Id128 id;
  Microcredits amount;
};

struct Earnings {
  std::uint64_t n_answers = 0;
  Microcredits earned;          // by answers
  Microcredits incoming;        // reserved for answers that are being written
  Microcredits available;       // of the revenue
  Microcredits paid_out;        // to the developer
  Microcredits rewards_funded;  // from the revenue
  Microcredits rewards_paid;    // to contributors
  Microcredits rewards_left;    // in the pool
};

AccountId wallet_of(HolderId user);
AccountId revenue_of(HolderId expert);
AccountId reward_pool_of(HolderId expert);
AccountId developer_of(HolderId developer);

/// The id of a reservation in the ledger. Made of user and request, so that nobody can take the
/// ids of another user's requests.
TransferId reservation_id(HolderId user, const ledger::Id128& request);

struct CashierSettings {
  HolderId operator_id;                                           // who issues the play money
  Microcredits play_money{100 * ledger::kMicrocreditsPerCredit};  // what a user gets, once
  // What an expert's reward pool and its developer get, once; 0: nothing.
  Microcredits pool_play_money{};
  Microcredits developer_play_money{};
  int reward_percent = 0;  // of each answer's price, from the revenue to the reward pool: 0 … 100
};

/// Any thread. Every command may be repeated: it happens once, and the reply is the same. What was
/// refused may be asked again, when the pool is funded for instance; only a reservation that was
/// refused stays refused: the user asks with a new request id.
/// now_ms is the caller's clock. Errors are those of LedgerStore; refusals are replies.
class Cashier {
 public:
  /// The ledger must outlive the cashier.
  Cashier(SharedLedger& ledger, CashierSettings settings) : ledger_(ledger), settings_(settings) {}

  Result<> open_user(HolderId user, std::int64_t now_ms);
  /// Gives both their play money too.
  Result<> open_expert(HolderId expert, HolderId developer, std::int64_t now_ms);
  /// Opens the wallet too. A user gets it once, however often it is asked for.
  Result<Reply> grant_play_money(HolderId user, std::int64_t now_ms);

  Result<Reply> reserve(const Reservation& reservation, std::int64_t now_ms);
  /// Pays `exact` and lets go of the rest. A reservation is posted once: another amount later is
  /// refused (id_used_with_other_body). When nothing is to pay, void_ it. The pool of rewards gets
  /// its share of the price.
  Result<Reply> post(TransferId reservation, Microcredits exact, std::int64_t now_ms);
  Result<Reply> void_(TransferId reservation, std::int64_t now_ms);
  /// Lets go of all reservations whose time has come.
  Result<std::vector<TransferId>> expire(std::int64_t now_ms);

  Result<Reply> fund_rewards(const Funding& funding, std::int64_t now_ms);
  /// The same from the developer's own money.
  Result<Reply> fund_rewards_from(HolderId developer, const Funding& funding, std::int64_t now_ms);
  Result<Reply> reward(const Reward& reward, std::int64_t now_ms);
  Result<Reply> pay_out(const Payout& payout, std::int64_t now_ms);

  /// not_found when it has ended, or was never made.
  Result<Reservation> open_reservation(TransferId id);
  /// The same whatever became of it; not_found when it was never made.
  Result<Reservation> any_reservation(TransferId id);
  Result<Balance> balance(AccountId account);
  Result<StatementPage> statement(AccountId account, std::uint64_t from, std::size_t limit);
  Result<Earnings> earnings(HolderId expert);

 private:
  Result<> open_account(AccountId id, ledger::Limit limit, std::int64_t now_ms);
  Result<> grant(std::string_view step, AccountId account, Microcredits amount,
                 std::int64_t now_ms);
  Result<Reply> transfer(const ledger::Transfer& transfer, std::int64_t now_ms);
  Result<Reply> attempt(std::string_view step, ledger::Transfer transfer, std::int64_t now_ms);
  Reply reply_of(const ledger::Transfer& transfer, const Applied& applied);

  SharedLedger& ledger_;
  CashierSettings settings_;
};

}  // namespace plmm::economy
