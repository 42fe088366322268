// Several independent sequences computed together: each joins and leaves at any token.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "infer/session.h"
#include "text/tokenizer.h"

namespace plmm::model {
class PackedLora;
class Workspace;
}  // namespace plmm::model

namespace plmm::infer {

class PrefixStore;

struct BatchLimits {
  int n_sequences_max = 16;  // computed at once; the others wait in order
  int n_waiting_max = 64;
  int n_context = 0;                                       // of each; as Session::create()
  std::uint64_t cache_bytes_max = std::uint64_t{1} << 30;  // of those computed at once
  int n_rows_max = 256;                                    // tokens of one pass
  int n_prompt_rows_max = 32;  // of these for prompts while others answer: a pass stays short
};

/// What one sequence asks for. As in a session, `adapter` is packed for the engine's model and
/// `prefixes` made for it.
struct BatchRequest {
  std::vector<text::TokenId> prompt;
  GenerateOptions options = {};
  std::shared_ptr<const model::PackedLora> adapter = nullptr;
  float adapter_scale = 1.0F;  // 0 … Session::kAdapterScaleMax
  std::shared_ptr<PrefixStore> prefixes = nullptr;
  OnText on_text = {};
  /// The whole answer, or what went wrong with this sequence; called once.
  std::function<void(Result<Generation> answer)> on_end = {};
  const Cancel* cancel = nullptr;  // outlives the sequence; polled for every pass. Null: never
};

/// Each answer is, byte for byte, that of Session::generate() for the same prompt and options,
/// whatever else is computed beside it. One thread at a time, and of all that use the engine.
class Batch {
 public:
  /// invalid_argument for limits below 1 and for a context that the model does not take; io when
  /// the memory cannot be had.
  static Result<std::unique_ptr<Batch>> create(Engine& engine, const BatchLimits& limits);
  /// Who is left then is not told.
  ~Batch();

  /// Queues a sequence; it is computed as soon as those before it leave it a place.
  /// invalid_argument for a prompt that a session would refuse; limit_exceeded when its cache is
  /// larger than all caches may be, or as many wait as may.
  Result<> add(BatchRequest request);

  /// One pass over the sequences that are there: a token of each answer, and parts of prompts.
  /// on_text and on_end are called from here; they may call add(). Cancel ends the pass, whose
  /// tokens are then computed by the next step. False when nobody is left.
  bool step(const Cancel& cancel);

  int n_running() const { return static_cast<int>(running_.size()); }
  int n_waiting() const { return static_cast<int>(waiting_.size()); }
  /// Of the caches of those that are computed, as far as they may grow.
  std::uint64_t cache_bytes() const { return cache_bytes_; }

 private:
  struct Sequence;
  struct Share;

  Batch(Engine& engine, const BatchLimits& limits);
  void end_cancelled();
  void admit_waiting();
  Result<> admit(Sequence& sequence);
  std::vector<Share> share_out();
  bool compute(std::span<Share> shares, const Cancel& cancel);
  void choose(std::span<Share> shares);
  void take(std::span<Share> shares);
  void end(Sequence& sequence);
  void tell(Sequence& sequence, Result<Generation> answer);
  void leave();

  Engine& engine_;  // outlives the batch
  BatchLimits limits_;
  int n_context_ = 0;
  std::uint64_t cache_bytes_ = 0;
  std::unique_ptr<model::Workspace> workspace_;
  std::vector<float> logits_;                       // [n_sequences_max][n_vocabulary]
  std::vector<std::unique_ptr<Sequence>> running_;  // in the order of their turns
  std::deque<std::unique_ptr<Sequence>> waiting_;   // in the order they came
};

}  // namespace plmm::infer
