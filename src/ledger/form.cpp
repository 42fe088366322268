// The form of transfers: a function of the body alone, so that its answer never changes.
#include "ledger/form.h"

#include <algorithm>

namespace plmm::ledger {
namespace {

Answer check_move(const Transfer& t) {
  if (t.amount.value <= 0) return Answer::amount_not_positive;
  if (t.debit == t.credit) return Answer::accounts_are_the_same;
  if (!t.reservation.value.is_zero()) return Answer::field_not_used;
  if (t.kind == TransferKind::direct && t.expires_ms != 0) return Answer::field_not_used;
  return t.expires_ms < 0 ? Answer::expiry_is_negative : Answer::ok;
}

Answer check_settlement(const Transfer& t) {
  if (t.reservation.value.is_zero()) return Answer::reservation_is_zero;
  if (t.kind == TransferKind::post && t.amount.value <= 0) return Answer::amount_not_positive;
  if (t.kind == TransferKind::void_ && t.amount.value != 0) return Answer::field_not_used;
  const bool bare = t.debit == AccountId{} && t.credit == AccountId{} && t.expires_ms == 0;
  return bare ? Answer::ok : Answer::field_not_used;
}

}  // namespace

Answer check_form(const Transfer& transfer) {
  if (transfer.id.value.is_zero()) return Answer::id_is_zero;
  const bool moves =
      transfer.kind == TransferKind::direct || transfer.kind == TransferKind::pending;
  return moves ? check_move(transfer) : check_settlement(transfer);
}

std::vector<Answer> check_form(std::span<const Transfer> chain) {
  if (chain.empty()) return {Answer::chain_is_empty};
  std::vector<Answer> answers(chain.size(), Answer::linked_failed);
  if (chain.size() > kChainSizeMax) {
    answers.front() = Answer::chain_too_long;
    return answers;
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const auto before = chain.first(i);
    const bool repeated =
        std::ranges::any_of(before, [&](const Transfer& other) { return other.id == chain[i].id; });
    const Answer answer = repeated ? Answer::id_repeated_in_chain : check_form(chain[i]);
    if (answer == Answer::ok) continue;
    answers[i] = answer;
    return answers;
  }
  std::ranges::fill(answers, Answer::ok);
  return answers;
}

}  // namespace plmm::ledger
