// Tests of the journal's commands as bytes.
#include "economy/command.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace plmm::economy {
namespace {

using ledger::AccountKind;
using ledger::Purpose;
using ledger::Transfer;
using ledger::TransferKind;

const Transfer kTransfer{.id = {{1, 2}},
                         .kind = TransferKind::pending,
                         .purpose = Purpose::answer,
                         .debit = {AccountKind::user_wallet, {{3, 4}}},
                         .credit = {AccountKind::expert_revenue, {{5, 6}}},
                         .amount = {7},
                         .reservation = {{8, 9}},
                         .expires_ms = 10,
                         .reference = {11, 12}};

void expect_corrupt(std::span<const std::byte> bytes, std::string_view text) {
  const auto result = decode(bytes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::corrupt_data);
  EXPECT_NE(result.error().what.find(text), std::string::npos) << result.error().what;
}

TEST(Command, is_the_same_after_encoding) {
  for (const CommandBody& body :
       {CommandBody(OpenAccount{kTransfer.debit, ledger::Limit::none}),
        CommandBody(Chain{{kTransfer}}), CommandBody(Chain{std::vector(16, kTransfer)}),
        CommandBody(Expire{})}) {
    EXPECT_EQ(decode(encode(body)).value(), body);
  }
}

TEST(Command, has_these_golden_bytes) {
  EXPECT_EQ(crypto::to_hex(encode(Expire{})), "03");
  EXPECT_EQ(crypto::to_hex(encode(OpenAccount{kTransfer.debit, ledger::Limit::none})),
            "01020000000000000003000000000000000400");
  EXPECT_EQ(crypto::to_hex(encode(Chain{{kTransfer}})),
            "0201000000000000000100000000000000020202"  // tag, n, id, kind, purpose
            "0200000000000000030000000000000004"        // debit
            "0300000000000000050000000000000006"        // credit
            "0700000000000000"                          // amount
            "00000000000000080000000000000009"          // reservation
            "0a00000000000000"                          // expires_ms
            "000000000000000b000000000000000c");        // reference
}

TEST(Command, refuses_bytes_that_are_cut_short_or_too_long) {
  std::vector<std::byte> bytes = encode(Chain{{kTransfer}});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(decode(std::span(bytes).first(n))) << n;
  }
  bytes.push_back(std::byte{0});
  expect_corrupt(bytes, "1 bytes after");
}

TEST(Command, refuses_numbers_that_stand_for_nothing) {
  const auto with = [](const CommandBody& body, std::size_t index, int value) {
    std::vector<std::byte> bytes = encode(body);
    bytes[index] = static_cast<std::byte>(value);
    return bytes;
  };
  const CommandBody open = OpenAccount{kTransfer.debit};
  const CommandBody chain = Chain{{kTransfer}};
  expect_corrupt(with(Expire{}, 0, 0), "tag");
  expect_corrupt(with(Expire{}, 0, 4), "tag");
  expect_corrupt(with(open, 1, 9), "account");
  expect_corrupt(with(open, 18, 2), "limit");
  expect_corrupt(with(chain, 1, 0), "n_transfers: 0");
  expect_corrupt(with(chain, 1, 17), "n_transfers: 17");
  expect_corrupt(with(chain, 18, 5), "kind");
  expect_corrupt(with(chain, 19, 0), "purpose");
  expect_corrupt(with(chain, 20, 0), "debit");
  expect_corrupt(with(chain, 37, 9), "credit");
}

}  // namespace
}  // namespace plmm::economy
