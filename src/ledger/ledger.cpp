// The ledger's commands: find repetitions, try each transfer, undo the chain when one is refused.
#include "ledger/ledger.h"

#include <algorithm>
#include <ranges>

#include "base/check.h"
#include "ledger/form.h"

namespace plmm::ledger {
namespace {

/// Whether `more` can be added to a side of an account so that even all that is pending fits.
bool fits(Microcredits pending, Microcredits posted, Microcredits more) {
  const auto sum = checked_add(pending, posted);
  CHECK(sum);  // held by every transfer before
  return checked_add(*sum, more).has_value();
}

bool covered(const Account& account, Microcredits more) {
  if (account.limit == Limit::none) return true;
  return account.debits_pending.value + account.debits_posted.value + more.value <=
         account.credits_posted.value;
}

bool same_chain(const Record& record, std::span<const Transfer> chain, std::size_t index) {
  return record.transfer == chain[index] && record.chain_head == chain.front().id &&
         record.chain_index == index && record.chain_size == chain.size();
}

}  // namespace

Outcome Ledger::create_account(AccountId id, Limit limit, std::int64_t now_ms) {
  if (id.holder.value.is_zero()) return {Effect::refused, 0, {Answer::id_is_zero}};
  if (const Account* known = account(id)) {
    if (known->limit == limit) return {Effect::repeated, 0, {Answer::ok}};
    return {Effect::refused, 0, {Answer::id_used_with_other_body}};
  }
  advance(now_ms);
  accounts_.emplace(id, Account{.id = id, .limit = limit});
  return {Effect::recorded, sequence_, {Answer::ok}};
}

bool Ledger::is_known(std::span<const Transfer> chain) const {
  return std::ranges::any_of(chain, [&](const Transfer& t) { return record(t.id) != nullptr; });
}

/// The recorded answers, or id_used_with_other_body at the first known id when the chain as a
/// whole is not one that was recorded: another body, or the same one among other transfers.
Outcome Ledger::repeat(std::span<const Transfer> chain) const {
  Outcome out{Effect::repeated, 0, {}};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Record* known = record(chain[i].id);
    if (known == nullptr) continue;  // then the chain of the others was another one
    if (!same_chain(*known, chain, i)) break;
    out.sequence = known->sequence;
    out.answers.push_back(known->answer);
  }
  if (out.answers.size() == chain.size()) return out;
  out = {Effect::refused, 0, std::vector(chain.size(), Answer::linked_failed)};
  const auto guilty =
      std::ranges::find_if(chain, [&](const Transfer& t) { return record(t.id) != nullptr; });
  out.answers[static_cast<std::size_t>(guilty - chain.begin())] = Answer::id_used_with_other_body;
  return out;
}

Outcome Ledger::apply(std::span<const Transfer> chain, std::int64_t now_ms) {
  Outcome outcome{Effect::refused, 0, check_form(chain)};
  if (std::ranges::any_of(outcome.answers, [](Answer a) { return a != Answer::ok; })) {
    return outcome;
  }
  if (is_known(chain)) return repeat(chain);

  advance(now_ms);
  outcome.effect = Effect::recorded;
  outcome.sequence = sequence_;
  const std::vector<Record*> records = add_records(chain);
  Undo undo;
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i]->answer = transfer(*records[i], undo);
    if (records[i]->answer == Answer::ok) continue;
    for (auto& [account, old] : std::views::reverse(undo.accounts)) *account = old;
    for (auto& [reservation, old] : std::views::reverse(undo.reservations)) {
      reservation->state = old;
    }
    for (std::size_t j = 0; j < i; ++j) {
      records[j]->answer = Answer::linked_failed;
      records[j]->state = ReservationState::none;
    }
    break;
  }
  update_expiries(records);
  for (std::size_t i = 0; i < records.size(); ++i) outcome.answers[i] = records[i]->answer;
  return outcome;
}

std::vector<Record*> Ledger::add_records(std::span<const Transfer> chain) {
  std::vector<Record*> out;
  for (const Transfer& t : chain) {
    Record& record = records_[t.id];
    record.transfer = t;
    record.chain_head = chain.front().id;
    record.chain_index = static_cast<std::uint32_t>(out.size());
    record.chain_size = static_cast<std::uint32_t>(chain.size());
    record.sequence = sequence_;
    record.time_ms = time_ms_;
    record.debit = t.debit;
    record.credit = t.credit;
    out.push_back(&record);
  }
  return out;
}

Answer Ledger::transfer(Record& record, Undo& undo) {
  switch (record.transfer.kind) {
    case TransferKind::direct:
    case TransferKind::pending:
      return move_or_reserve(record, undo);
    case TransferKind::post:
    case TransferKind::void_:
      return settle(record, undo);
  }
  CHECK(false);
}

Answer Ledger::move_or_reserve(Record& record, Undo& undo) {
  const Transfer& t = record.transfer;
  Account* debit = find(t.debit);
  if (debit == nullptr) return Answer::debit_account_not_found;
  Account* credit = find(t.credit);
  if (credit == nullptr) return Answer::credit_account_not_found;
  if (t.expires_ms != 0 && t.expires_ms <= time_ms_) return Answer::expires_in_the_past;
  if (!fits(debit->debits_pending, debit->debits_posted, t.amount) ||
      !fits(credit->credits_pending, credit->credits_posted, t.amount)) {
    return Answer::amount_overflows;
  }
  if (!covered(*debit, t.amount)) return Answer::exceeds_credits;
  undo.accounts.emplace_back(debit, *debit);
  undo.accounts.emplace_back(credit, *credit);
  if (t.kind == TransferKind::direct) {
    debit->debits_posted.value += t.amount.value;
    credit->credits_posted.value += t.amount.value;
  } else {
    debit->debits_pending.value += t.amount.value;
    credit->credits_pending.value += t.amount.value;
    record.state = ReservationState::open;
  }
  return Answer::ok;
}

Answer Ledger::settle(Record& record, Undo& undo) {
  const Transfer& t = record.transfer;
  const auto found = records_.find(t.reservation);
  if (found == records_.end()) return Answer::reservation_not_found;
  Record& reservation = found->second;
  switch (reservation.state) {
    case ReservationState::none:
      return Answer::reservation_not_found;
    case ReservationState::posted:
      return Answer::already_posted;
    case ReservationState::voided:
      return Answer::already_voided;
    case ReservationState::expired:
      return Answer::already_expired;
    case ReservationState::open:
      break;
  }
  const Microcredits reserved = reservation.transfer.amount;
  const std::int64_t expires_ms = reservation.transfer.expires_ms;
  if (t.kind == TransferKind::post) {
    if (expires_ms != 0 && expires_ms <= time_ms_) return Answer::already_expired;
    if (t.amount > reserved) return Answer::exceeds_reservation;
  }
  record.debit = reservation.debit;
  record.credit = reservation.credit;
  Account* debit = find(record.debit);
  Account* credit = find(record.credit);
  undo.accounts.emplace_back(debit, *debit);
  undo.accounts.emplace_back(credit, *credit);
  undo.reservations.emplace_back(&reservation, reservation.state);
  debit->debits_pending.value -= reserved.value;
  credit->credits_pending.value -= reserved.value;
  debit->debits_posted.value += t.amount.value;  // 0 of a void
  credit->credits_posted.value += t.amount.value;
  reservation.state =
      t.kind == TransferKind::post ? ReservationState::posted : ReservationState::voided;
  return Answer::ok;
}

void Ledger::update_expiries(std::span<Record* const> chain) {
  for (const Record* record : chain) {
    if (record->answer != Answer::ok) continue;
    const Transfer& t = record->transfer;
    if (record->state == ReservationState::open && t.expires_ms != 0) {
      expiries_.emplace(t.expires_ms, t.id);
    } else if (t.kind == TransferKind::post || t.kind == TransferKind::void_) {
      expiries_.erase({records_.at(t.reservation).transfer.expires_ms, t.reservation});
    }
  }
}

std::vector<TransferId> Ledger::expire(std::int64_t now_ms) {
  const std::int64_t now = std::max(now_ms, time_ms_);
  std::vector<TransferId> out;
  if (expiries_.empty() || expiries_.begin()->first > now) return out;
  advance(now_ms);
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    Record& reservation = records_.at(expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
    const Microcredits reserved = reservation.transfer.amount;
    find(reservation.debit)->debits_pending.value -= reserved.value;
    find(reservation.credit)->credits_pending.value -= reserved.value;
    reservation.state = ReservationState::expired;
    out.push_back(reservation.transfer.id);
  }
  return out;
}

void Ledger::advance(std::int64_t now_ms) {
  ++sequence_;
  time_ms_ = std::max(time_ms_, now_ms);
}

Account* Ledger::find(AccountId id) {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Ledger::account(AccountId id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Record* Ledger::record(TransferId id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

}  // namespace plmm::ledger
