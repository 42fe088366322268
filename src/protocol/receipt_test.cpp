// Tests of receipts and of ids.
#include "protocol/receipt.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/hash.h"
#include "protocol/example.h"
#include "protocol/ids.h"

namespace plmm::protocol {
namespace {

std::string hex(std::string_view bytes) { return crypto::to_hex(std::as_bytes(std::span(bytes))); }

TEST(Receipt, signs_exactly_the_documented_bytes) {
  // "plmm receipt 1\n", request, length and name, release, two digests, tokens and price.
  EXPECT_EQ(hex(signed_bytes(example_end().receipt)),
            "706c6d6d207265636569707420310a"
            "0123456789abcdef00000000000000ff"
            "00026974"
            "00000002" +
                crypto::to_hex(digest_of(example_ask().question)) +
                crypto::to_hex(digest_of(kExampleAnswer)) +
                "000000000000012c"
                "000000000000000e"
                "00000000000006b0");
}

TEST(Receipt, is_verified_by_the_key_that_signed_it_and_by_no_other) {
  const auto receipt = example_end().receipt;
  EXPECT_TRUE(verify_receipt(receipt, example_key().public_key()));
  crypto::PublicKey other = example_key().public_key();
  other.bytes[0] ^= std::byte{1};
  EXPECT_FALSE(verify_receipt(receipt, other));
}

TEST(Receipt, is_not_verified_when_any_field_was_changed) {
  const std::vector<std::function<void(Receipt&)>> changes{
      [](Receipt& r) { ++r.request.value.low; },
      [](Receipt& r) { r.expert = "art"; },
      [](Receipt& r) { ++r.release; },
      [](Receipt& r) { r.question_sha256[31] ^= std::byte{1}; },
      [](Receipt& r) { r.answer_sha256[0] ^= std::byte{1}; },
      [](Receipt& r) { ++r.tokens.n_in; },
      [](Receipt& r) { ++r.tokens.n_out; },
      [](Receipt& r) { --r.price.value; },
      [](Receipt& r) { r.price.value = -1; },
      [](Receipt& r) { r.signature.bytes[63] ^= std::byte{1}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto receipt = example_end().receipt;
    changes[i](receipt);
    EXPECT_FALSE(verify_receipt(receipt, example_key().public_key())) << i;
  }
}

/// What check_answer() says when `change` was made to an answer that was right, and signed.
Result<> after(const std::function<void(ExpertCard&, Ask&, std::string&, AnswerEnd&)>& change) {
  auto card = example_card();
  auto ask = example_ask();
  std::string answer(kExampleAnswer);
  auto end = example_end();
  change(card, ask, answer, end);
  return check_answer(card, ask, answer, end);
}

TEST(Receipt, an_answer_is_checked_against_what_was_asked) {
  const auto as_it_is = after([](auto&, auto&, auto&, auto&) {});
  EXPECT_TRUE(as_it_is) << as_it_is.error().what;
  const auto sign = [](AnswerEnd& end) { sign_receipt(end.receipt, example_key()); };
  const std::vector<std::function<void(ExpertCard&, Ask&, std::string&, AnswerEnd&)>> changes{
      [](auto&, auto&, auto& answer, auto&) { answer += "!"; },
      [](auto&, auto& ask, auto&, auto&) { ask.question += "!"; },
      [](auto&, auto& ask, auto&, auto&) { ++ask.request.value.low; },
      [](auto& card, auto&, auto&, auto&) { card.release = 9; },
      [](auto& card, auto&, auto&, auto&) { card.public_key.bytes[5] ^= std::byte{1}; },
      [](auto& card, auto& ask, auto&, auto&) { card.name = ask.expert = "art"; },
      [](auto&, auto& ask, auto&, auto&) { ask.n_answer_tokens_max = 13; },
      [](auto& card, auto&, auto&, auto&) { card.n_tokens_in_max = 299; },
      [&](auto&, auto&, auto&, auto& end) { ++end.receipt.price.value, sign(end); },
      [](auto&, auto& ask, auto&, auto&) { ask.price_max.value = 1000; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto result = after(changes[i]);
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().code, ErrorCode::corrupt_data) << i;
  }
}

TEST(Receipt, an_expert_may_charge_less_than_its_card_says) {
  const auto free = after([](auto&, auto&, auto&, auto& end) {
    end.receipt.price.value = 0;
    sign_receipt(end.receipt, example_key());
  });
  EXPECT_TRUE(free) << free.error().what;
}

TEST(Receipt, a_price_is_never_above_what_was_allowed) {
  const auto capped = after([](auto&, auto& ask, auto&, auto& end) {
    ask.price_max.value = 1000;
    end.receipt.price.value = 1000;
    sign_receipt(end.receipt, example_key());
  });
  EXPECT_TRUE(capped) << capped.error().what;
}

TEST(Receipt, citations_count_from_one_without_gaps) {
  const auto gap = after([](auto&, auto&, auto&, auto& end) { end.citations[0].number = 2; });
  EXPECT_EQ(gap.error().code, ErrorCode::invalid_argument);
}

TEST(Ids, are_new_each_time_and_survive_as_hex_digits) {
  const auto id = make_id();
  EXPECT_FALSE(id.is_zero());
  EXPECT_NE(id, make_id());
  EXPECT_EQ(*id_from_hex(to_hex(id)), id);
  EXPECT_EQ(to_hex({0x0123456789abcdef, 0xff}), "0123456789abcdef00000000000000ff");
  for (const char* wrong :
       {"", "0", "0123456789abcdef00000000000000fg", "0123456789abcdef00000000000000ff00"}) {
    EXPECT_EQ(id_from_hex(wrong).error().code, ErrorCode::corrupt_data) << wrong;
  }
}

TEST(Ids, a_key_stands_for_one_holder) {
  // Python: hashlib.sha256(public_key).digest()[:16]
  const auto key = example_key().public_key();
  EXPECT_EQ(to_hex(holder_of(key).value), crypto::to_hex(crypto::sha256(key.bytes)).substr(0, 32));
}

}  // namespace
}  // namespace plmm::protocol
