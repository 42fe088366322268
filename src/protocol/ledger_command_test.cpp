// Commands to a ledger and its replies: golden bytes, signatures, and each way to be wrong.
#include "protocol/ledger_command.h"

#include <gtest/gtest.h>

#include "protocol/ledger_example.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kJson =
    R"({"account":{"holder":"00000000000000000000000000000000","kind":"issuance"},)"
    R"("action":"reserve","amount":3560,"expert":"00000000000000030000000000000004",)"
    R"("expires_ms":1800000900000,"from":0,)"
    R"("key":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",)"
    R"("kind":"ledger_command","n_lines_max":0,"nonce":"00000000000000070000000000000008",)"
    R"("payer":"00000000000000010000000000000002",)"
    R"("reference":"00000000000000050000000000000006",)"
    R"("reservation":"00000000000000000000000000000000","signature":")";

TEST(LedgerCommand, is_written_in_one_way_only) {
  const auto json = *to_json(example_command());
  EXPECT_TRUE(json.starts_with(kJson)) << json;
  EXPECT_TRUE(json.ends_with(R"(","time_ms":1800000000000,"version":1})")) << json;
  EXPECT_EQ(*parse_ledger_command(json), example_command());
}

TEST(LedgerCommand, signs_exactly_the_documented_bytes) {
  const std::string bytes = signed_bytes(example_command());
  EXPECT_EQ(bytes.size(), 22U + 1 + 32 + 8 + 5 * 16 + 8 + 8 + 1 + 16 + 8 + 8);
  const auto rest = std::as_bytes(std::span(bytes)).subspan(22);
  EXPECT_TRUE(bytes.starts_with("plmm ledger command 1\n"));
  EXPECT_EQ(crypto::to_hex(rest.first(1)), "03");
  EXPECT_EQ(crypto::to_hex(rest.subspan(33)),
            "000001a3185c5000"
            "00000000000000070000000000000008"
            "00000000000000010000000000000002"
            "00000000000000030000000000000004"
            "00000000000000050000000000000006"
            "0000000000000de8"
            "000001a3186a0ba0"
            "00000000000000000000000000000000"
            "01"
            "00000000000000000000000000000000"
            "0000000000000000"
            "0000000000000000");
}

TEST(LedgerCommand, holds_only_as_it_was_signed) {
  EXPECT_TRUE(verify_command(example_command()));
  const std::vector<std::function<void(LedgerCommand&)>> changes{
      [](LedgerCommand& c) { c.action = LedgerAction::reward; },
      [](LedgerCommand& c) { c.key.bytes[0] ^= std::byte{1}; },
      [](LedgerCommand& c) { ++c.time_ms; },
      [](LedgerCommand& c) { ++c.nonce.low; },
      [](LedgerCommand& c) { ++c.payer.value.low; },
      [](LedgerCommand& c) { ++c.expert.value.low; },
      [](LedgerCommand& c) { ++c.reference.low; },
      [](LedgerCommand& c) { ++c.amount.value; },
      [](LedgerCommand& c) { ++c.expires_ms; },
      [](LedgerCommand& c) { ++c.reservation.value.low; },
      [](LedgerCommand& c) { c.account.kind = ledger::AccountKind::developer; },
      [](LedgerCommand& c) { ++c.account.holder.value.low; },
      [](LedgerCommand& c) { ++c.from; },
      [](LedgerCommand& c) { ++c.n_lines_max; },
      [](LedgerCommand& c) { c.signature.bytes[63] ^= std::byte{1}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto command = example_command();
    changes[i](command);
    EXPECT_FALSE(verify_command(command)) << i;
  }
}

TEST(LedgerCommand, refuses_what_can_never_be) {
  const std::vector<std::pair<std::function<void(LedgerCommand&)>, std::string_view>> cases{
      {[](LedgerCommand& c) { c.nonce = {}; }, "ledger_command: 'nonce' is zero"},
      {[](LedgerCommand& c) { c.payer = {}; }, "ledger_command: 'payer' is zero"},
      {[](LedgerCommand& c) { c.amount = {-1}; }, "ledger_command: 'amount' is negative"},
      {[](LedgerCommand& c) { c.time_ms = -1; }, "ledger_command: 'time_ms' is negative"},
      {[](LedgerCommand& c) { c.n_lines_max = 1'001; },
       "ledger_command: 'n_lines_max' is 1001, at most 1000 are allowed"},
      {[](LedgerCommand& c) { c.action = LedgerAction::void_; },
       "ledger_command: 'reservation' is zero"},
  };
  for (const auto& [change, what] : cases) {
    auto command = example_command();
    change(command);
    EXPECT_EQ(to_json(command).error().what, what);
  }
}

TEST(LedgerReplies, come_back_as_they_were_written) {
  EXPECT_EQ(*parse_ledger_reply(*to_json(example_reply())), example_reply());
  EXPECT_EQ(*parse_reservation(*to_json(example_reservation())), example_reservation());
  EXPECT_EQ(*parse_balance(*to_json(example_balance())), example_balance());
  EXPECT_EQ(*parse_statement(*to_json(example_statement())), example_statement());
  EXPECT_EQ(*to_json(example_reply()),
            R"({"answer":"exceeds_credits","kind":"ledger_reply","sequence":11,)"
            R"("transfer":"0000000000000009000000000000000a","version":1})");
}

TEST(LedgerReplies, know_every_answer_and_no_other) {
  for (int i = 0; i < 256; ++i) {
    auto reply = example_reply();
    reply.answer = static_cast<ledger::Answer>(i);
    const auto again = parse_ledger_reply(*to_json(reply));
    if (ledger::name_of(reply.answer) != "unknown") {
      EXPECT_EQ(again, reply);
    } else {
      EXPECT_EQ(again.error().code, ErrorCode::unsupported);
    }
  }
}

TEST(LedgerReplies, refuse_amounts_that_no_reader_keeps) {
  auto balance = example_balance();
  balance.available = {std::numeric_limits<std::int64_t>::min()};
  EXPECT_FALSE(to_json(balance));
  balance = example_balance();
  balance.reserved = {-1};
  EXPECT_EQ(to_json(balance).error().what, "balance: 'reserved' is negative");
}

}  // namespace
}  // namespace plmm::protocol
