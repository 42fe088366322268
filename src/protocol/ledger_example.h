// One message of each kind to and from a ledger, for tests and the fuzz entry.
#pragma once

#include "protocol/example.h"
#include "protocol/ledger_command.h"

namespace plmm::protocol {

inline Reservation example_reservation() {
  return {.payer = {{1, 2}},
          .expert = {{3, 4}},
          .request = {{5, 6}},
          .price_max = {3560},
          .expires_ms = 1'800'000'900'000};
}

/// Signed by example_key().
inline LedgerCommand example_command() {
  LedgerCommand out;
  out.action = LedgerAction::reserve;
  out.time_ms = 1'800'000'000'000;
  out.nonce = {7, 8};
  out.payer = example_reservation().payer;
  out.expert = example_reservation().expert;
  out.reference = example_reservation().request.value;
  out.amount = example_reservation().price_max;
  out.expires_ms = example_reservation().expires_ms;
  sign_command(out, example_key());
  return out;
}

inline LedgerReply example_reply() {
  return {.answer = ledger::Answer::exceeds_credits, .transfer = {{9, 10}}, .sequence = 11};
}

inline Balance example_balance() { return {.available = {-5}, .reserved = {6}, .incoming = {7}}; }

inline StatementPage example_statement() {
  StatementLine line;
  line.sequence = 12;
  line.time_ms = 13;
  line.id = {{14, 15}};
  line.purpose = ledger::Purpose::fund_rewards;
  line.other = {ledger::AccountKind::expert_reward_pool, {{16, 17}}};
  line.amount = {-18};
  line.balance = {19};
  line.reference = {20, 21};
  return {.lines = {line}, .next = 22};
}

}  // namespace plmm::protocol
