// Recomputes every sum of a ledger from its records.
#include "ledger/invariants.h"

#include <string>

namespace plmm::ledger {
namespace {

struct Sums {
  std::int64_t debits_pending = 0;
  std::int64_t debits_posted = 0;
  std::int64_t credits_pending = 0;
  std::int64_t credits_posted = 0;
};
using SumsOf = std::unordered_map<AccountId, Sums, Ledger::Hash>;

std::unexpected<Error> broken(const std::string& what) {
  return fail(ErrorCode::corrupt_data, "ledger: " + what);
}

/// Adds one accepted transfer; counts the ends of its reservation.
Result<> add(const Ledger& ledger, const Record& record, SumsOf& sums,
             std::unordered_map<TransferId, int, Ledger::Hash>& n_ends) {
  const Transfer& t = record.transfer;
  Sums& debit = sums[record.debit];
  Sums& credit = sums[record.credit];
  if (t.kind == TransferKind::direct || t.kind == TransferKind::post) {
    debit.debits_posted += t.amount.value;
    credit.credits_posted += t.amount.value;
  }
  if (record.state == ReservationState::open) {
    debit.debits_pending += t.amount.value;
    credit.credits_pending += t.amount.value;
  }
  if (t.kind != TransferKind::post && t.kind != TransferKind::void_) return {};
  const Record* reservation = ledger.record(t.reservation);
  if (reservation == nullptr || reservation->answer != Answer::ok) {
    return broken("a reservation that was never made has ended");
  }
  const auto wanted =
      t.kind == TransferKind::post ? ReservationState::posted : ReservationState::voided;
  if (reservation->state != wanted || ++n_ends[t.reservation] != 1) {
    return broken("a reservation has ended twice");
  }
  if (t.amount > reservation->transfer.amount) return broken("more was posted than reserved");
  return {};
}

Result<> check_account(const Account& account, const Sums& sums) {
  if (account.debits_pending.value != sums.debits_pending ||
      account.credits_pending.value != sums.credits_pending) {
    return broken("an account's pending sums are not those of its open reservations");
  }
  if (account.debits_posted.value != sums.debits_posted ||
      account.credits_posted.value != sums.credits_posted) {
    return broken("an account's posted sums are not those of its transfers");
  }
  if (account.limit == Limit::debits_must_not_exceed_credits &&
      sums.debits_posted + sums.debits_pending > sums.credits_posted) {
    return broken("an account's debits exceed its credits");
  }
  return {};
}

}  // namespace

Result<> check_invariants(const Ledger& ledger) {
  SumsOf sums;
  std::unordered_map<TransferId, int, Ledger::Hash> n_ends;
  for (const auto& [id, record] : ledger.records()) {
    if (record.answer == Answer::ok) TRY(add(ledger, record, sums, n_ends));
  }
  // Differences, wrapping: the totals of all accounts may be larger than 64 bits.
  std::uint64_t posted = 0;
  std::uint64_t pending = 0;
  for (const auto& [id, account] : ledger.accounts()) {
    TRY(check_account(account, sums[id]));
    posted += static_cast<std::uint64_t>(account.debits_posted.value) -
              static_cast<std::uint64_t>(account.credits_posted.value);
    pending += static_cast<std::uint64_t>(account.debits_pending.value) -
               static_cast<std::uint64_t>(account.credits_pending.value);
  }
  if (posted != 0 || pending != 0) return broken("debits are not equal to credits");
  if (sums.size() != ledger.accounts().size()) return broken("money moved where no account is");
  return {};
}

}  // namespace plmm::ledger
