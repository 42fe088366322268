// A ledger under kill -9, again and again: what of the acknowledged is lost, what happens twice.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::economy {

struct CrashReport {
  int n_kills = 0;
  std::uint64_t n_acknowledged = 0;  // payments that the ledger had confirmed before it was killed
  std::uint64_t n_lost = 0;          // of these, those it did not know afterwards
  std::uint64_t n_doubled = 0;       // payments whose money moved more than once
  std::uint64_t n_half_done = 0;     // reservations left open though their payment is one with them
  std::uint64_t n_unbalanced = 0;    // times that the books did not add up after a crash
};

/// Makes a ledger at `file`, where there is none, and runs a child process that pays from it until
/// it is killed within 30 ms, `n_kills` times; after each, the ledger is opened, verified and
/// counted as after a crash. The same seed draws the same moments. Call it while no other thread
/// runs: the child is a fork. Errors: io, those of the ledger (a ledger that does not open after a
/// crash is an error), cancelled.
Result<CrashReport> kill_ledgers(const std::filesystem::path& file, int n_kills, std::uint64_t seed,
                                 const Cancel& cancel);

}  // namespace plmm::economy
