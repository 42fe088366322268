// How much memory a conversation takes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "bench/bench.h"
#include "bench/peer_team.h"
#include "bench/report.h"
#include "bench/workload.h"

namespace plmm::bench {

/// The most memory that a chat of nearly 2,048 tokens had in RAM, over the bytes of the model's
/// file; pages that are shared with others count whole. Ours is the whole process; of the peer's
/// what it held before it loaded the model does not count. Each runs in a process of its own.
Result<Metric> memory_row(const Options& options, const ModelFile& file, PeerTeam& team);

/// A line of /proc/PROCESS/status, such as "VmHWM", in bytes. not_found when there is none.
Result<std::uint64_t> status_bytes(pid_t process, std::string_view name);

}  // namespace plmm::bench
