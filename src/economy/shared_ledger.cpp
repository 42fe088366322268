// Group commit: who finds nobody writing takes the whole queue.
#include "economy/shared_ledger.h"

namespace plmm::economy {

Result<Applied> SharedLedger::apply(Command command) {
  Waiting own{std::move(command), {}};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&own);
  changed_.wait(lock, [&] { return own.result || !is_writing_; });
  if (!own.result) {
    is_writing_ = true;
    write_for(std::exchange(queue_, {}), lock);  // own is among them
    is_writing_ = false;
    changed_.notify_all();
  }
  return *std::move(own.result);
}

void SharedLedger::write_for(const std::vector<Waiting*>& batch,
                             std::unique_lock<std::mutex>& queue_lock) {
  queue_lock.unlock();
  std::vector<Command> commands;
  commands.reserve(batch.size());
  for (Waiting* waiting : batch) commands.push_back(std::move(waiting->command));
  auto applied = read([&](LedgerStore& store) { return store.apply(commands); });
  queue_lock.lock();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (applied) {
      batch[i]->result = std::move((*applied)[i]);
    } else {
      batch[i]->result = std::unexpected(applied.error());
    }
  }
}

}  // namespace plmm::economy
