// One ledger for many threads: commands that come while one transaction runs share the next one.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "economy/ledger_store.h"

namespace plmm::economy {

/// All functions from any thread. No thread of its own: the first caller to find nobody writing
/// writes for all who wait, so that one flush to disk serves them all.
class SharedLedger {
 public:
  explicit SharedLedger(LedgerStore store) : store_(std::move(store)) {}

  /// Returns when the command is on disk, or the error that it shares with its batch.
  Result<Applied> apply(Command command);

  /// read(store) while nobody writes; the result must not refer into the store.
  template <class Read>
  auto read(const Read& reader) {
    const std::lock_guard guard(store_mutex_);
    return reader(store_);
  }

 private:
  struct Waiting {
    Command command;
    std::optional<Result<Applied>> result;
  };
  void write_for(const std::vector<Waiting*>& batch, std::unique_lock<std::mutex>& queue_lock);

  std::mutex queue_mutex_;  // guards queue_, is_writing_ and each Waiting::result
  std::condition_variable changed_;
  std::vector<Waiting*> queue_;
  bool is_writing_ = false;

  std::mutex store_mutex_;
  LedgerStore store_;
};

}  // namespace plmm::economy
