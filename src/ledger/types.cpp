// Names of the ledger's answers, and amounts in words.
#include "ledger/types.h"

namespace plmm::ledger {

std::string to_text(Microcredits amount) {
  constexpr std::size_t kDigitsMin = 4, kDigitsMax = 6;
  const bool is_debt = amount.value < 0;
  // In unsigned arithmetic the smallest integer has an opposite too.
  const auto size = is_debt ? 0 - static_cast<std::uint64_t>(amount.value)
                            : static_cast<std::uint64_t>(amount.value);
  std::string digits = std::to_string(size % kMicrocreditsPerCredit);
  digits.insert(0, kDigitsMax - digits.size(), '0');
  while (digits.size() > kDigitsMin && digits.back() == '0') digits.pop_back();
  return (is_debt ? "-" : "") + std::to_string(size / kMicrocreditsPerCredit) + "." + digits +
         " credits";
}

std::string_view name_of(Answer answer) {
  switch (answer) {
    case Answer::ok:
      return "ok";
    case Answer::id_is_zero:
      return "id_is_zero";
    case Answer::accounts_are_the_same:
      return "accounts_are_the_same";
    case Answer::amount_not_positive:
      return "amount_not_positive";
    case Answer::field_not_used:
      return "field_not_used";
    case Answer::reservation_is_zero:
      return "reservation_is_zero";
    case Answer::expiry_is_negative:
      return "expiry_is_negative";
    case Answer::id_repeated_in_chain:
      return "id_repeated_in_chain";
    case Answer::chain_is_empty:
      return "chain_is_empty";
    case Answer::chain_too_long:
      return "chain_too_long";
    case Answer::id_used_with_other_body:
      return "id_used_with_other_body";
    case Answer::debit_account_not_found:
      return "debit_account_not_found";
    case Answer::credit_account_not_found:
      return "credit_account_not_found";
    case Answer::exceeds_credits:
      return "exceeds_credits";
    case Answer::amount_overflows:
      return "amount_overflows";
    case Answer::reservation_not_found:
      return "reservation_not_found";
    case Answer::exceeds_reservation:
      return "exceeds_reservation";
    case Answer::already_posted:
      return "already_posted";
    case Answer::already_voided:
      return "already_voided";
    case Answer::already_expired:
      return "already_expired";
    case Answer::expires_in_the_past:
      return "expires_in_the_past";
    case Answer::linked_failed:
      return "linked_failed";
  }
  return "unknown";
}

}  // namespace plmm::ledger
