// Requests go to the computing thread, pieces of text and ends come back.
#include "infer/shared_batch.h"

#include <optional>
#include <string>
#include <utility>

#include "base/check.h"

namespace plmm::infer {

/// What has come for somebody who waits.
struct SharedBatch::Asker {
  std::condition_variable told;
  std::string text;  // not yet given out
  std::optional<Result<Generation>> end;
};

SharedBatch::SharedBatch(std::unique_ptr<Batch> batch)
    : batch_(std::move(batch)), thread_([this] { compute(); }) {}

Result<std::unique_ptr<SharedBatch>> SharedBatch::create(Engine& engine,
                                                         const BatchLimits& limits) {
  auto batch = TRY(Batch::create(engine, limits));
  return std::unique_ptr<SharedBatch>(new SharedBatch(std::move(batch)));
}

SharedBatch::~SharedBatch() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

Result<Generation> SharedBatch::generate(BatchRequest request) {
  CHECK(!request.on_end);
  Asker asker;
  const OnText on_text = std::exchange(request.on_text, [this, &asker](std::string_view text) {
    const std::lock_guard guard(mutex_);
    asker.text += text;
    asker.told.notify_one();
  });
  request.on_end = [this, &asker](Result<Generation> answer) {
    const std::lock_guard guard(mutex_);
    asker.end = std::move(answer);
    asker.told.notify_one();  // under the lock: the asker goes as soon as it has seen its end
  };
  std::unique_lock lock(mutex_);
  asking_.push_back(std::move(request));
  asked_.notify_one();
  for (;;) {
    asker.told.wait(lock, [&] { return !asker.text.empty() || asker.end.has_value(); });
    if (asker.text.empty()) return *std::move(asker.end);
    const std::string text = std::exchange(asker.text, {});
    lock.unlock();
    if (on_text) on_text(text);
    lock.lock();
  }
}

void SharedBatch::compute() {
  const Cancel never;
  bool busy = false;
  for (;;) {
    auto came = come_in(busy);
    if (came.empty() && !busy) return;  // stopping
    for (auto& request : came) add(std::move(request));
    busy = batch_->step(never);
  }
}

/// Who has asked by now; waits for somebody while there is nothing to do. Nobody: it is over.
std::deque<BatchRequest> SharedBatch::come_in(bool busy) {
  std::unique_lock lock(mutex_);
  if (!busy) asked_.wait(lock, [&] { return stopping_ || !asking_.empty(); });
  return std::exchange(asking_, {});
}

void SharedBatch::add(BatchRequest request) {
  const auto on_end = request.on_end;
  if (auto added = batch_->add(std::move(request)); !added)
    on_end(std::unexpected(std::move(added).error()));
}

}  // namespace plmm::infer
