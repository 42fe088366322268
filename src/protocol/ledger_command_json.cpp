// Commands to a ledger and its replies as JSON.
#include "protocol/ledger_command.h"

#include <array>
#include <nlohmann/json.hpp>

#include "protocol/ids.h"
#include "protocol/json_parts.h"

namespace plmm::protocol {
namespace {

using std::pair;
using std::string_view;

constexpr std::array kActions{
    pair{LedgerAction::open_wallet, string_view("open_wallet")},
    pair{LedgerAction::open_expert, string_view("open_expert")},
    pair{LedgerAction::reserve, string_view("reserve")},
    pair{LedgerAction::post, string_view("post")},
    pair{LedgerAction::void_, string_view("void")},
    pair{LedgerAction::reward, string_view("reward")},
    pair{LedgerAction::reservation, string_view("reservation")},
    pair{LedgerAction::balance, string_view("balance")},
    pair{LedgerAction::statement, string_view("statement")},
};
constexpr std::array kAccountKinds{
    pair{ledger::AccountKind::issuance, string_view("issuance")},
    pair{ledger::AccountKind::user_wallet, string_view("user_wallet")},
    pair{ledger::AccountKind::expert_revenue, string_view("expert_revenue")},
    pair{ledger::AccountKind::expert_reward_pool, string_view("expert_reward_pool")},
    pair{ledger::AccountKind::developer, string_view("developer")},
    pair{ledger::AccountKind::operator_fee, string_view("operator_fee")},
    pair{ledger::AccountKind::teacher_revenue, string_view("teacher_revenue")},
    pair{ledger::AccountKind::blind_credits, string_view("blind_credits")},
};
constexpr std::array kPurposes{
    pair{ledger::Purpose::play_money, string_view("play_money")},
    pair{ledger::Purpose::answer, string_view("answer")},
    pair{ledger::Purpose::reward, string_view("reward")},
    pair{ledger::Purpose::fund_rewards, string_view("fund_rewards")},
    pair{ledger::Purpose::payout, string_view("payout")},
    pair{ledger::Purpose::upgrade, string_view("upgrade")},
    pair{ledger::Purpose::fee, string_view("fee")},
    pair{ledger::Purpose::blind_credits, string_view("blind_credits")},
};

/// The answers that stand in the enumeration, by their names.
Result<ledger::Answer> answer_of(const Fields& fields, const char* key) {
  const auto name = TRY(fields.text(key));
  const auto unknown = ledger::name_of(static_cast<ledger::Answer>(255));
  for (std::uint8_t i = 0; i < 255 && name != unknown; ++i) {
    const auto answer = static_cast<ledger::Answer>(i);
    if (ledger::name_of(answer) == name) return answer;
  }
  return fail(ErrorCode::unsupported,
              fields.where() + ": an answer that this version does not know");
}

Json json_of(const ledger::AccountId& account) {
  return {{"kind", name_of(kAccountKinds, account.kind)}, {"holder", to_hex(account.holder.value)}};
}

Result<ledger::AccountId> read_account(const Fields& fields, const char* key) {
  const auto object = TRY(fields.object(key));
  ledger::AccountId out;
  out.kind = TRY(object.one_of("kind", kAccountKinds));
  out.holder.value = TRY(object.id("holder"));
  return out;
}

Result<LedgerCommand> read(const Fields& fields, LedgerCommand out) {
  out.action = TRY(fields.one_of("action", kActions));
  TRY(fields.bytes("key", out.key.bytes));
  out.time_ms = TRY(fields.time("time_ms"));
  out.nonce = TRY(fields.id("nonce"));
  out.payer.value = TRY(fields.id("payer"));
  out.expert.value = TRY(fields.id("expert"));
  out.reference = TRY(fields.id("reference"));
  out.amount = TRY(fields.amount("amount"));
  out.expires_ms = TRY(fields.time("expires_ms"));
  out.reservation.value = TRY(fields.id("reservation"));
  out.account = TRY(read_account(fields, "account"));
  out.from = TRY(fields.count("from"));
  out.n_lines_max = TRY(fields.count("n_lines_max"));
  TRY(fields.bytes("signature", out.signature.bytes));
  return out;
}

Result<LedgerReply> read(const Fields& fields, LedgerReply out) {
  out.answer = TRY(answer_of(fields, "answer"));
  out.transfer.value = TRY(fields.id("transfer"));
  out.sequence = TRY(fields.count("sequence"));
  return out;
}

Result<Reservation> read(const Fields& fields, Reservation out) {
  out.payer.value = TRY(fields.id("payer"));
  out.expert.value = TRY(fields.id("expert"));
  out.request.value = TRY(fields.id("request"));
  out.price_max = TRY(fields.amount("price_max"));
  out.expires_ms = TRY(fields.time("expires_ms"));
  return out;
}

Result<Balance> read(const Fields& fields, Balance out) {
  out.available = TRY(fields.amount("available"));
  out.reserved = TRY(fields.amount("reserved"));
  out.incoming = TRY(fields.amount("incoming"));
  return out;
}

Result<StatementLine> read_line(const Fields& fields) {
  StatementLine out;
  out.sequence = TRY(fields.count("sequence"));
  out.time_ms = TRY(fields.time("time_ms"));
  out.id.value = TRY(fields.id("id"));
  out.purpose = TRY(fields.one_of("purpose", kPurposes));
  out.other = TRY(read_account(fields, "other"));
  out.amount = TRY(fields.amount("amount"));
  out.balance = TRY(fields.amount("balance"));
  out.reference = TRY(fields.id("reference"));
  return out;
}

Result<StatementPage> read(const Fields& fields, StatementPage out) {
  out.lines = TRY(fields.objects("lines", kStatementLinesMax, read_line));
  out.next = TRY(fields.count("next"));
  return out;
}

Json json_of(const StatementLine& line) {
  return {{"sequence", line.sequence},     {"time_ms", line.time_ms},
          {"id", to_hex(line.id.value)},   {"purpose", name_of(kPurposes, line.purpose)},
          {"other", json_of(line.other)},  {"amount", line.amount.value},
          {"balance", line.balance.value}, {"reference", to_hex(line.reference)}};
}

}  // namespace

Result<std::string> to_json(const LedgerCommand& command) {
  TRY(checked(command, "ledger_command"));
  Json out = head("ledger_command");
  out.update({{"action", name_of(kActions, command.action)},
              {"key", hex_of(command.key.bytes)},
              {"time_ms", command.time_ms},
              {"nonce", to_hex(command.nonce)},
              {"payer", to_hex(command.payer.value)},
              {"expert", to_hex(command.expert.value)},
              {"reference", to_hex(command.reference)},
              {"amount", command.amount.value},
              {"expires_ms", command.expires_ms},
              {"reservation", to_hex(command.reservation.value)},
              {"account", json_of(command.account)},
              {"from", command.from},
              {"n_lines_max", command.n_lines_max},
              {"signature", hex_of(command.signature.bytes)}});
  return dump(out);
}

Result<std::string> to_json(const LedgerReply& reply) {
  TRY(checked(reply, "ledger_reply"));
  Json out = head("ledger_reply");
  out.update({{"answer", ledger::name_of(reply.answer)},
              {"transfer", to_hex(reply.transfer.value)},
              {"sequence", reply.sequence}});
  return dump(out);
}

Result<std::string> to_json(const Reservation& reservation) {
  TRY(checked(reservation, "reservation"));
  Json out = head("reservation");
  out.update({{"payer", to_hex(reservation.payer.value)},
              {"expert", to_hex(reservation.expert.value)},
              {"request", to_hex(reservation.request.value)},
              {"price_max", reservation.price_max.value},
              {"expires_ms", reservation.expires_ms}});
  return dump(out);
}

Result<std::string> to_json(const Balance& balance) {
  TRY(checked(balance, "balance"));
  Json out = head("balance");
  out.update({{"available", balance.available.value},
              {"reserved", balance.reserved.value},
              {"incoming", balance.incoming.value}});
  return dump(out);
}

Result<std::string> to_json(const StatementPage& page) {
  TRY(checked(page, "statement"));
  Json out = head("statement");
  out.update({{"lines", list_of(page.lines, json_of)}, {"next", page.next}});
  return dump(out);
}

Result<LedgerCommand> parse_ledger_command(string_view json) {
  return parse<LedgerCommand>(json, "ledger_command", read);
}
Result<LedgerReply> parse_ledger_reply(string_view json) {
  return parse<LedgerReply>(json, "ledger_reply", read);
}
Result<Reservation> parse_reservation(string_view json) {
  return parse<Reservation>(json, "reservation", read);
}
Result<Balance> parse_balance(string_view json) { return parse<Balance>(json, "balance", read); }
Result<StatementPage> parse_statement(string_view json) {
  return parse<StatementPage>(json, "statement", read);
}

}  // namespace plmm::protocol
