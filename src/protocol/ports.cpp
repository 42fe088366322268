// What a port answers to what it does not do.
#include "protocol/ports.h"

namespace plmm::protocol {

Result<Verdict> ExpertPort::contribute(const Contribution&, const Cancel&) {
  return fail(ErrorCode::unsupported, "this expert takes no contributions");
}

Result<LedgerReply> LedgerPort::reward(const Reward&) {
  return fail(ErrorCode::unsupported, "this ledger pays no rewards");
}

}  // namespace plmm::protocol
