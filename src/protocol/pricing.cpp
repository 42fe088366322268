// Prices by integers that never wrap.
#include "protocol/pricing.h"

#include "base/narrow.h"

namespace plmm::protocol {
namespace {

constexpr std::int64_t kTokensPerPrice = 1'000;

std::unexpected<Error> too_large() {
  return fail(ErrorCode::limit_exceeded, "the price is over 9,007,199,254 credits");
}

}  // namespace

Result<ledger::Microcredits> price(const PriceCard& prices, const TokenCount& tokens) {
  TRY(check(prices));
  if (tokens.n_in > kTokensMax || tokens.n_out > kTokensMax) return too_large();
  const auto in = checked_mul(prices.per_1000_tokens_in.value, narrow<std::int64_t>(tokens.n_in));
  const auto out =
      checked_mul(prices.per_1000_tokens_out.value, narrow<std::int64_t>(tokens.n_out));
  if (!in || !out) return too_large();
  const auto sum = checked_add(*in, *out);
  if (!sum) return too_large();
  const std::int64_t rounded = *sum / kTokensPerPrice + (*sum % kTokensPerPrice != 0 ? 1 : 0);
  // Each is below 2^63 / 1000 + 2^53: no wrap.
  const ledger::Microcredits total{prices.per_request.value + rounded};
  if (total.value > kIntegerMax) return too_large();
  return total;
}

Result<Quote> quote(const ExpertCard& card, std::uint64_t n_answer_tokens_max) {
  Quote out;
  out.expert = card.name;
  out.release = card.release;
  out.tokens_max = {.n_in = card.n_tokens_in_max, .n_out = n_answer_tokens_max};
  out.price_max = TRY(price(card.prices, out.tokens_max));
  return out;
}

}  // namespace plmm::protocol
