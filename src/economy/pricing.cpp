// Integer prices, checked at each step.
#include "economy/pricing.h"

#include "base/narrow.h"

namespace plmm::economy {

Result<Microcredits> cost(const PriceCard& card, Usage usage) {
  for (const std::int64_t value :
       {card.per_request.value, card.per_1000_tokens_in.value, card.per_1000_tokens_out.value,
        usage.n_tokens_in, usage.n_tokens_out}) {
    if (value < 0) return fail(ErrorCode::invalid_argument, "price: below zero");
  }
  const auto too_large = fail(ErrorCode::limit_exceeded, "price: larger than 64 bits");
  const auto in = checked_mul(card.per_1000_tokens_in.value, usage.n_tokens_in);
  const auto out = checked_mul(card.per_1000_tokens_out.value, usage.n_tokens_out);
  if (!in || !out) return too_large;
  const auto thousandths = checked_add(*in, *out);
  if (!thousandths) return too_large;
  const std::int64_t rounded_up = *thousandths / 1'000 + (*thousandths % 1'000 != 0 ? 1 : 0);
  const auto sum = checked_add(rounded_up, card.per_request.value);
  if (!sum) return too_large;
  return Microcredits{*sum};
}

}  // namespace plmm::economy
