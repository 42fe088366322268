// What an answer costs, in whole micro-credits.
#pragma once

#include "base/result.h"
#include "protocol/messages.h"

namespace plmm::protocol {

/// per_request + (n_in · per_1000_tokens_in + n_out · per_1000_tokens_out) / 1,000, rounded up
/// once. invalid_argument for a negative price, limit_exceeded when the sum is over kIntegerMax.
Result<ledger::Microcredits> price(const PriceCard& prices, const TokenCount& tokens);

/// The most that an answer of at most `n_answer_tokens_max` tokens can cost, by the card alone.
Result<Quote> quote(const ExpertCard& card, std::uint64_t n_answer_tokens_max);

}  // namespace plmm::protocol
