// What users teach an expert: judged by what it does to answers, kept with its verdict.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "ledger/types.h"
#include "protocol/contribution.h"
#include "protocol/ports.h"

namespace plmm::expert {

class LocalExpert;

/// What a contributor gets where the owner says nothing else: 0.25 credits.
inline constexpr ledger::Microcredits kRewardPerContribution{250'000};
/// Of FOLDER/contributions.jsonl: then the expert takes no more.
inline constexpr std::size_t kContributionsFileBytesMax = 16 << 20;

/// ExpertPort::contribute of an expert in this process. The correction goes into a staged copy of
/// the library as document "contribution-ID". It is accepted when the contributed question is then
/// answered with what the correction says, was not before, and no kept-apart question that was
/// right gets wrong; then the copy becomes the next release. Whether it is true in the world,
/// nobody here knows: the owner sees every contribution and can take it out again.
Result<protocol::Verdict> judge(LocalExpert& expert, const protocol::Contribution& contribution,
                                const Cancel& cancel);

/// Whether an answer says what the correction adds to its question: one of its short answers where
/// it has any, else half of its new words and, where it has new numbers, one of these.
bool says_correction(std::string_view answer, const protocol::Contribution& contribution);

struct Judged {
  protocol::Contribution contribution;
  protocol::Verdict verdict;
};
/// FOLDER/contributions.jsonl (docs/formats/expert.md), the oldest first. corrupt_data names the
/// line.
Result<std::vector<Judged>> judged_contributions(const std::filesystem::path& folder);

/// FOLDER/owner.json, {"reward_per_contribution": micro-credits}; kRewardPerContribution where
/// there is no such file.
Result<ledger::Microcredits> reward_per_contribution(const std::filesystem::path& folder);

struct Rewards {
  std::size_t n_paid = 0;
  std::size_t n_owed = 0;
  ledger::Microcredits owed{};
};
/// Pays what is owed for accepted contributions, the oldest first; what was paid before is not paid
/// again and counts as paid. Errors of the ledger.
Result<Rewards> pay_rewards(const std::filesystem::path& folder, ledger::HolderId expert,
                            protocol::LedgerPort& ledger);

}  // namespace plmm::expert
