// Reservation, answer, payment.
#include "expert/paid_expert.h"

#include <utility>

#include "ledger/types.h"
#include "protocol/ids.h"
#include "protocol/pricing.h"

namespace plmm::expert {

Result<> PaidExpert::check_reservation(const protocol::Ask& ask) {
  const auto card = TRY(expert_.card());
  if (ask.reservation.value.is_zero()) {
    if (card.prices == protocol::PriceCard{}) return {};
    return fail(ErrorCode::invalid_argument, card.name + " is paid: reserve its price first");
  }
  const std::lock_guard guard(ledger_mutex_);
  const auto held = TRY(ledger_.reservation(ask.reservation));
  const bool fits = held.payer == ask.payer && held.request == ask.request &&
                    held.expert == protocol::holder_of(card.public_key) &&
                    held.price_max >= ask.price_max;
  if (fits) return {};
  return fail(ErrorCode::invalid_argument,
              "the reservation is not for this question: another payer, expert, request or less "
              "than its price");
}

Result<protocol::AnswerEnd> PaidExpert::ask(const protocol::Ask& ask,
                                            const protocol::OnChunk& on_chunk,
                                            const Cancel& cancel) {
  TRY(protocol::check(ask));
  TRY(check_reservation(ask));
  auto end = expert_.ask(ask, on_chunk, cancel);
  if (ask.reservation.value.is_zero()) return end;
  return settle(ask, std::move(end));
}

Result<protocol::AnswerEnd> PaidExpert::settle(const protocol::Ask& ask,
                                               Result<protocol::AnswerEnd> end) {
  const std::lock_guard guard(ledger_mutex_);
  if (!end || end->receipt.price.value == 0) {
    // When the ledger is gone, the reservation lets go of itself when its time has come.
    const auto voided = ledger_.void_(ask.reservation);
    if (end && !voided) return std::unexpected(voided.error());
    return end;
  }
  const auto posted = TRY(ledger_.post(ask.reservation, end->receipt.price));
  if (!posted.ok()) {
    return fail(
        ErrorCode::invalid_argument,
        "the answer could not be paid: " + std::string(name_of(posted.answer)) + ". Ask again");
  }
  return end;
}

Result<protocol::Verdict> PaidExpert::contribute(const protocol::Contribution& contribution,
                                                 const Cancel& cancel) {
  const auto card = TRY(expert_.card());
  auto verdict = TRY(expert_.contribute(contribution, cancel));
  if (verdict.reward.value > 0) {
    const std::lock_guard guard(ledger_mutex_);
    // Whatever the ledger says, the verdict stands; what was not paid now is owed.
    static_cast<void>(ledger_.reward({.expert = protocol::holder_of(card.public_key),
                                      .contributor = protocol::holder_of(contribution.contributor),
                                      .contribution = contribution.id.value,
                                      .amount = verdict.reward}));
  }
  return verdict;
}

}  // namespace plmm::expert
