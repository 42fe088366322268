// One batch for many threads: each asks and waits for its own answer.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/batch.h"

namespace plmm::infer {

/// A thread of its own computes for all who ask, and sleeps while nobody does. Nothing else may use
/// the engine meanwhile.
class SharedBatch {
 public:
  /// Errors as Batch::create().
  static Result<std::unique_ptr<SharedBatch>> create(Engine& engine, const BatchLimits& limits);
  /// Nobody may be asking any more.
  ~SharedBatch();
  SharedBatch(const SharedBatch&) = delete;
  SharedBatch& operator=(const SharedBatch&) = delete;

  /// The answer that a session would give, computed together with those of other threads; errors as
  /// Batch::add() and Session::generate(). request.on_text is called on the calling thread: who
  /// reads slowly keeps nobody waiting. Needs: no request.on_end.
  Result<Generation> generate(BatchRequest request);

 private:
  struct Asker;

  explicit SharedBatch(std::unique_ptr<Batch> batch);
  void compute();
  std::deque<BatchRequest> come_in(bool busy);
  void add(BatchRequest request);

  std::unique_ptr<Batch> batch_;  // the thread's alone
  std::mutex mutex_;              // of all below, and of each asker
  std::condition_variable asked_;
  std::deque<BatchRequest> asking_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plmm::infer
