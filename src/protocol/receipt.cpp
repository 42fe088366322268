// Signing and checking receipts.
#include "protocol/receipt.h"

#include <algorithm>
#include <span>

#include "base/narrow.h"
#include "protocol/byte_order.h"
#include "protocol/pricing.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kPurpose = "plmm receipt 1\n";

std::unexpected<Error> wrong(const ExpertCard& card, std::string_view what) {
  return fail(ErrorCode::corrupt_data, "the receipt of " + card.name + " " + std::string(what) +
                                           "; the answer is not to be trusted");
}

}  // namespace

std::string signed_bytes(const Receipt& receipt) {
  std::string out(kPurpose);
  append(out, receipt.request.value);
  append_text<std::uint16_t>(out, receipt.expert);
  append(out, receipt.release);
  append(out, receipt.question_sha256);
  append(out, receipt.answer_sha256);
  append(out, receipt.tokens.n_in);
  append(out, receipt.tokens.n_out);
  append(out, narrow<std::uint64_t>(receipt.price.value));
  return out;
}

void sign_receipt(Receipt& receipt, const crypto::KeyPair& key) {
  receipt.signature = key.sign(bytes_of(signed_bytes(receipt)));
}

bool verify_receipt(const Receipt& receipt, const crypto::PublicKey& key) {
  if (!check(receipt)) return false;
  return crypto::verify(key, bytes_of(signed_bytes(receipt)), receipt.signature);
}

crypto::Digest digest_of(std::string_view text) { return crypto::sha256(bytes_of(text)); }

Result<ledger::Microcredits> billed(const PriceCard& prices, const TokenCount& tokens,
                                    ledger::Microcredits price_max) {
  return std::min(TRY(price(prices, tokens)), price_max);
}

Result<> check_answer(const ExpertCard& card, const Ask& ask, std::string_view answer,
                      const AnswerEnd& end) {
  TRY(check(end));
  const Receipt& receipt = end.receipt;
  if (!verify_receipt(receipt, card.public_key)) return wrong(card, "has a wrong signature");
  if (receipt.request != ask.request) return wrong(card, "is for another request");
  if (receipt.expert != card.name || ask.expert != card.name) {
    return wrong(card, "names another expert");
  }
  if (receipt.release != card.release) return wrong(card, "is of another release than its card");
  if (receipt.question_sha256 != digest_of(ask.question)) {
    return wrong(card, "is for another question");
  }
  if (receipt.answer_sha256 != digest_of(answer)) return wrong(card, "is for another answer");
  if (receipt.tokens.n_in > card.n_tokens_in_max ||
      receipt.tokens.n_out > ask.n_answer_tokens_max) {
    return wrong(card, "counts more tokens than were allowed");
  }
  if (receipt.price > ask.price_max) {
    return wrong(card, "has a price of " + to_text(receipt.price) + ", more than the " +
                           to_text(ask.price_max) + " that were agreed");
  }
  if (receipt.price > TRY(billed(card.prices, receipt.tokens, ask.price_max))) {
    return wrong(card, "has a price above the card's");
  }
  return {};
}

}  // namespace plmm::protocol
