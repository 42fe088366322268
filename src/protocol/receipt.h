// Receipts: what an expert signs, and what a person's device checks before it believes an answer.
#pragma once

#include <string>
#include <string_view>

#include "crypto/sign.h"
#include "protocol/messages.h"

namespace plmm::protocol {

/// The bytes under the signature (Ed25519), integers big-endian:
///   "plmm receipt 1\n" · request [16] · length of expert [2] · expert · release [4] ·
///   SHA-256 of the question [32] · SHA-256 of the answer [32] · tokens in [8] · tokens out [8] ·
///   price in micro-credits [8]
/// No JSON is signed, so that no two readers can disagree about what was. Needs: check(receipt).
std::string signed_bytes(const Receipt& receipt);

/// Fills receipt.signature. Needs: check(receipt).
void sign_receipt(Receipt& receipt, const crypto::KeyPair& key);
/// Whether the owner of `key` signed this receipt.
bool verify_receipt(const Receipt& receipt, const crypto::PublicKey& key);

/// SHA-256 of a question or of a whole answer.
crypto::Digest digest_of(std::string_view text);

/// What an answer costs of which these tokens were used: price() of them, but never more than the
/// asker allowed.
Result<ledger::Microcredits> billed(const PriceCard& prices, const TokenCount& tokens,
                                    ledger::Microcredits price_max);

/// Whether `end` is the end of `answer` (all chunks joined) to `ask` by the expert of `card`:
/// corrupt_data says what does not fit: signature, request, question, answer, tokens or price.
/// invalid_argument or limit_exceeded when a field breaks its limits.
Result<> check_answer(const ExpertCard& card, const Ask& ask, std::string_view answer,
                      const AnswerEnd& end);

}  // namespace plmm::protocol
