// What an answer costs: an expert's price card and how much was read and written.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "ledger/types.h"

namespace plmm::economy {

using ledger::Microcredits;

/// No price is negative; all zero is a free expert.
struct PriceCard {
  Microcredits per_request;
  Microcredits per_1000_tokens_in;
  Microcredits per_1000_tokens_out;
};

struct Usage {
  std::int64_t n_tokens_in = 0;
  std::int64_t n_tokens_out = 0;
};

/// per_request + (in · price + out · price) / 1,000, rounded up once, at the end.
/// invalid_argument for a negative price or count, limit_exceeded when it does not fit 64 bits.
/// Asked with the most tokens that an answer may have, it is what to reserve.
Result<Microcredits> cost(const PriceCard& card, Usage usage);

}  // namespace plmm::economy
