// From the start of the program to its first token.
#pragma once

#include "bench/bench.h"
#include "bench/peer_team.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {

/// Ours from exec to the first byte of an answer of one token, the model's file in the page cache;
/// the peers' from the call that loads the model, so that neither their interpreter nor their
/// libraries count.
Result<Metric> start_row(const Options& options, const ModelFile& file, PeerTeam& team);

}  // namespace plmm::bench
