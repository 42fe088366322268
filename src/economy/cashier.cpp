// Builds the transfers of each step; their ids come from what they are about.
#include "economy/cashier.h"

#include <string>

namespace plmm::economy {
namespace {

using ledger::AccountKind;
using ledger::Answer;
using ledger::Id128;
using ledger::Limit;
using ledger::Purpose;
using ledger::Transfer;
using ledger::TransferKind;

/// Each refusal takes a row of the journal, so that they end some time.
constexpr std::uint64_t kAttemptsMax = 1'000;

/// The first 128 bits of SHA-256("plmm " step 0 owner id attempt): the same step of the same thing
/// has the same id, and no client can choose it.
TransferId derive_id(std::string_view step, const Id128& owner, const Id128& id,
                     std::uint64_t attempt = 0) {
  std::string text = "plmm ";
  text += step;
  text += '\0';
  crypto::Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  for (const Id128& part : {owner, id, Id128{0, attempt}}) hash.update(to_bytes(part));
  const Digest digest = hash.finish();
  return {id_from_bytes(std::span(digest).first(16))};
}

Receipt receipt_of(const ledger::Record& record, const Digest& chain) {
  const Transfer& t = record.transfer;
  return {.id = t.id,
          .kind = t.kind,
          .purpose = t.purpose,
          .debit = record.debit,
          .credit = record.credit,
          .amount = t.amount,
          .reference = t.reference,
          .sequence = record.sequence,
          .time_ms = record.time_ms,
          .chain = chain};
}

Reservation reservation_of(const Transfer& transfer) {
  return {.payer = transfer.debit.holder,
          .expert = transfer.credit.holder,
          .request = {transfer.reference},
          .price_max = transfer.amount,
          .expires_ms = transfer.expires_ms};
}

}  // namespace

AccountId wallet_of(HolderId user) { return {AccountKind::user_wallet, user}; }
AccountId revenue_of(HolderId expert) { return {AccountKind::expert_revenue, expert}; }
AccountId reward_pool_of(HolderId expert) { return {AccountKind::expert_reward_pool, expert}; }
AccountId developer_of(HolderId developer) { return {AccountKind::developer, developer}; }

TransferId reservation_id(HolderId user, const Id128& request) {
  return derive_id("reserve", user.value, request);
}

std::string_view explain(Answer answer) {
  switch (answer) {
    case Answer::ok:
      return "done";
    case Answer::exceeds_credits:
      return "not enough credits. Next: add credits or ask for a shorter answer";
    case Answer::debit_account_not_found:
    case Answer::credit_account_not_found:
      return "an account of this payment does not exist. Next: register it first";
    case Answer::already_expired:
    case Answer::expires_in_the_past:
      return "the reservation has run out. Next: ask again";
    case Answer::already_posted:
    case Answer::already_voided:
      return "this payment has already been settled";
    case Answer::reservation_not_found:
      return "there is no such reservation";
    case Answer::exceeds_reservation:
      return "more than what was reserved. Next: settle at most the reserved amount";
    case Answer::id_used_with_other_body:
      return "the same request was made before with other contents. Next: use a new request id";
    default:
      return "this payment cannot be made as it was asked for";
  }
}

Result<> Cashier::open_account(AccountId id, Limit limit, std::int64_t now_ms) {
  const Applied applied = TRY(ledger_.apply({OpenAccount{id, limit}, now_ms}));
  if (applied.outcome.ok()) return {};
  return fail(ErrorCode::invalid_argument,
              "the account cannot be opened: " + std::string(name_of(applied.outcome.answers[0])));
}

Result<> Cashier::open_user(HolderId user, std::int64_t now_ms) {
  return open_account(wallet_of(user), Limit::debits_must_not_exceed_credits, now_ms);
}

Result<> Cashier::open_expert(HolderId expert, HolderId developer, std::int64_t now_ms) {
  for (const AccountId id : {revenue_of(expert), reward_pool_of(expert), developer_of(developer)}) {
    TRY(open_account(id, Limit::debits_must_not_exceed_credits, now_ms));
  }
  TRY(grant("play money of a pool", reward_pool_of(expert), settings_.pool_play_money, now_ms));
  return grant("play money of a developer", developer_of(developer), settings_.developer_play_money,
               now_ms);
}

/// Play money, once for each account; the account is there.
Result<> Cashier::grant(std::string_view step, AccountId account, Microcredits amount,
                        std::int64_t now_ms) {
  if (amount.value == 0) return {};
  const AccountId issuance{AccountKind::issuance, settings_.operator_id};
  TRY(open_account(issuance, Limit::none, now_ms));
  const Reply reply = TRY(transfer({.id = derive_id(step, account.holder.value, {}),
                                    .purpose = Purpose::play_money,
                                    .debit = issuance,
                                    .credit = account,
                                    .amount = amount},
                                   now_ms));
  if (reply.ok()) return {};
  return fail(ErrorCode::invalid_argument, "the play money: " + std::string(explain(reply.answer)));
}

Result<Reply> Cashier::transfer(const Transfer& transfer, std::int64_t now_ms) {
  return reply_of(transfer, TRY(ledger_.apply({Chain{{transfer}}, now_ms})));
}

/// A refusal is final for its id, so that the next attempt, under the next id, cannot pay twice.
/// The ids come from the step and from whom and what the transfer is about.
Result<Reply> Cashier::attempt(std::string_view step, Transfer transfer, std::int64_t now_ms) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    transfer.id = derive_id(step, transfer.debit.holder.value, transfer.reference, attempt);
    const Applied applied = TRY(ledger_.apply({Chain{{transfer}}, now_ms}));
    const bool was_refused = ledger_.read([&](LedgerStore& store) {
      const ledger::Record* record = store.ledger().record(transfer.id);
      return applied.outcome.effect != ledger::Effect::recorded && record != nullptr &&
             record->answer != Answer::ok;
    });
    if (!was_refused || attempt + 1 == kAttemptsMax) return reply_of(transfer, applied);
  }
}

Reply Cashier::reply_of(const Transfer& transfer, const Applied& applied) {
  Reply reply{applied.outcome.answers[0], {}};
  if (!reply.ok()) return reply;
  reply.receipt = ledger_.read([&](LedgerStore& store) {
    const ledger::Record* record = store.ledger().record(transfer.id);
    return record == nullptr ? Receipt{} : receipt_of(*record, applied.chain);
  });
  return reply;
}

Result<Reply> Cashier::grant_play_money(HolderId user, std::int64_t now_ms) {
  const AccountId issuance{AccountKind::issuance, settings_.operator_id};
  TRY(open_account(issuance, Limit::none, now_ms));
  TRY(open_user(user, now_ms));
  return transfer({.id = derive_id("play money", user.value, {}),
                   .purpose = Purpose::play_money,
                   .debit = issuance,
                   .credit = wallet_of(user),
                   .amount = settings_.play_money},
                  now_ms);
}

Result<Reply> Cashier::reserve(const Reservation& reservation, std::int64_t now_ms) {
  return transfer({.id = reservation_id(reservation.payer, reservation.request.value),
                   .kind = TransferKind::pending,
                   .purpose = Purpose::answer,
                   .debit = wallet_of(reservation.payer),
                   .credit = revenue_of(reservation.expert),
                   .amount = reservation.price_max,
                   .expires_ms = reservation.expires_ms,
                   .reference = reservation.request.value},
                  now_ms);
}

Result<Reply> Cashier::post(TransferId reservation, Microcredits exact, std::int64_t now_ms) {
  const Reply reply = TRY(attempt("post",
                                  {.kind = TransferKind::post,
                                   .purpose = Purpose::answer,
                                   .amount = exact,
                                   .reservation = reservation,
                                   .reference = reservation.value},
                                  now_ms));
  const Microcredits share{exact.value / 100 * settings_.reward_percent +
                           exact.value % 100 * settings_.reward_percent / 100};
  if (!reply.ok() || share.value == 0) return reply;
  // After a crash in between, the same post again makes up for it. A refusal changes nothing about
  // the answer: the revenue may have been paid out meanwhile.
  const Funding funding{reply.receipt.credit.holder, reservation.value, share};
  TRY(fund_rewards(funding, now_ms));
  return reply;
}

Result<Reply> Cashier::void_(TransferId reservation, std::int64_t now_ms) {
  return attempt("void",
                 {.kind = TransferKind::void_,
                  .purpose = Purpose::answer,
                  .reservation = reservation,
                  .reference = reservation.value},
                 now_ms);
}

Result<std::vector<TransferId>> Cashier::expire(std::int64_t now_ms) {
  return TRY(ledger_.apply({Expire{}, now_ms})).expired;
}

Result<Reply> Cashier::fund_rewards(const Funding& funding, std::int64_t now_ms) {
  return attempt("fund rewards",
                 {.purpose = Purpose::fund_rewards,
                  .debit = revenue_of(funding.expert),
                  .credit = reward_pool_of(funding.expert),
                  .amount = funding.amount,
                  .reference = funding.id},
                 now_ms);
}

Result<Reply> Cashier::fund_rewards_from(HolderId developer, const Funding& funding,
                                         std::int64_t now_ms) {
  return attempt("fund rewards",
                 {.purpose = Purpose::fund_rewards,
                  .debit = developer_of(developer),
                  .credit = reward_pool_of(funding.expert),
                  .amount = funding.amount,
                  .reference = funding.id},
                 now_ms);
}

Result<Reply> Cashier::reward(const Reward& reward, std::int64_t now_ms) {
  return attempt("reward",
                 {.purpose = Purpose::reward,
                  .debit = reward_pool_of(reward.expert),
                  .credit = wallet_of(reward.contributor),
                  .amount = reward.amount,
                  .reference = reward.contribution},
                 now_ms);
}

Result<Reply> Cashier::pay_out(const Payout& payout, std::int64_t now_ms) {
  return attempt("pay out",
                 {.purpose = Purpose::payout,
                  .debit = revenue_of(payout.expert),
                  .credit = developer_of(payout.developer),
                  .amount = payout.amount,
                  .reference = payout.id},
                 now_ms);
}

Result<Reservation> Cashier::open_reservation(TransferId id) {
  return ledger_.read([&](LedgerStore& store) -> Result<Reservation> {
    const ledger::Record* record = store.ledger().record(id);
    if (record == nullptr || record->state != ledger::ReservationState::open)
      return fail(ErrorCode::not_found, "there is no open reservation of that id");
    return reservation_of(record->transfer);
  });
}

Result<Reservation> Cashier::any_reservation(TransferId id) {
  return ledger_.read([&](LedgerStore& store) -> Result<Reservation> {
    const ledger::Record* record = store.ledger().record(id);
    if (record == nullptr || record->state == ledger::ReservationState::none)
      return fail(ErrorCode::not_found, "there is no reservation of that id");
    return reservation_of(record->transfer);
  });
}

Result<Balance> Cashier::balance(AccountId account) {
  return ledger_.read([&](LedgerStore& store) { return store.balance(account); });
}

Result<StatementPage> Cashier::statement(AccountId account, std::uint64_t from, std::size_t limit) {
  return ledger_.read([&](LedgerStore& store) { return store.statement(account, from, limit); });
}

Result<Earnings> Cashier::earnings(HolderId expert) {
  return ledger_.read([&](LedgerStore& store) -> Result<Earnings> {
    const AccountId revenue = revenue_of(expert);
    const AccountId pool = reward_pool_of(expert);
    const Balance balance = TRY(store.balance(revenue));
    const Total answers = TRY(store.total(revenue, Purpose::answer));
    return Earnings{
        .n_answers = answers.n_received,
        .earned = answers.received,
        .incoming = balance.incoming,
        .available = balance.available,
        .paid_out = TRY(store.total(revenue, Purpose::payout)).paid,
        .rewards_funded = TRY(store.total(revenue, Purpose::fund_rewards)).paid,
        .rewards_paid = TRY(store.total(pool, Purpose::reward)).paid,
        .rewards_left = TRY(store.balance(pool)).available,
    };
  });
}

}  // namespace plmm::economy
