// An expert that is paid: looks for the reservation before it works, and takes the exact price
// after.
#pragma once

#include <mutex>

#include "protocol/ports.h"

namespace plmm::expert {

/// Puts a ledger behind another port. Before an answer the reservation must be open, of the asker,
/// for this expert and for at least price_max; after it, what the receipt says is posted, and an
/// answer without a price or with an error lets go of the reservation. Threads: as the expert's;
/// the ledger is asked by one at a time.
class PaidExpert : public protocol::ExpertPort {
 public:
  /// Both outlive this.
  PaidExpert(protocol::ExpertPort& expert, protocol::LedgerPort& ledger)
      : expert_(expert), ledger_(ledger) {}

  Result<protocol::ExpertCard> card() override { return expert_.card(); }
  /// invalid_argument, without any work, when the reservation is not what the question says. An
  /// error of the ledger when the price could not be posted: the answer then has no end.
  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask, const protocol::OnChunk& on_chunk,
                                  const Cancel& cancel) override;

  /// An accepted contribution is paid from the reward pool. When that is empty, or the ledger does
  /// not answer, the verdict stands and the reward is owed: pay_rewards() pays it later.
  Result<protocol::Verdict> contribute(const protocol::Contribution& contribution,
                                       const Cancel& cancel) override;

 private:
  Result<> check_reservation(const protocol::Ask& ask);
  Result<protocol::AnswerEnd> settle(const protocol::Ask& ask, Result<protocol::AnswerEnd> end);

  protocol::ExpertPort& expert_;
  std::mutex ledger_mutex_;
  protocol::LedgerPort& ledger_;
};

}  // namespace plmm::expert
