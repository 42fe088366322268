// How likely a model finds given texts: the probabilities of tokens behind others.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "text/tokenizer.h"

namespace plmm::model {
class PackedLora;
class Workspace;
}  // namespace plmm::model

namespace plmm::measure {

/// A model as it is measured: alone or with an adapter.
struct Subject {
  infer::Engine* engine = nullptr;  // outlives all that measures it; one at a time
  std::shared_ptr<const model::PackedLora> adapter = nullptr;  // packed for its model
  float scale = 1.0F;
};

/// What the model has read, and what may follow: each ending on its own.
struct Candidates {
  std::vector<text::TokenId> context;               // at least 1
  std::vector<std::vector<text::TokenId>> endings;  // at least 1 token each
};

/// Of each ending, ln p(token | all tokens before) for each of its tokens.
using LogProbabilities = std::vector<std::vector<double>>;

/// A context is read once for all of its endings, and many candidates are computed together; the
/// bits are those of feeding each text alone, token by token.
class Scorer {
 public:
  /// For contexts and endings of at most n_context tokens together, no more than the model's own
  /// (0: that). invalid_argument, or io without memory.
  static Result<std::unique_ptr<Scorer>> create(Subject subject, int n_context);
  ~Scorer();

  int n_context() const { return n_context_; }

  /// One for each of `all`, in order. `on_done(n)` is told how many more are known.
  /// invalid_argument for what does not fit, with its index; corrupt_data where the model computes
  /// what is no number; cancelled.
  Result<std::vector<LogProbabilities>> score(std::span<const Candidates> all, const Cancel& cancel,
                                              const std::function<void(std::size_t)>& on_done = {});

 private:
  struct Work;
  explicit Scorer(Subject subject);
  Result<> check(std::span<const Candidates> all) const;
  /// How many of `all` from `first` on are computed together.
  std::size_t group_size(std::span<const Candidates> all) const;
  Result<> score_group(std::span<const Candidates> group, std::span<LogProbabilities> out,
                       const Cancel& cancel);
  Result<> run(std::span<Work> works, int n_rows_max, const Cancel& cancel);
  void read_rows(std::span<Work* const> works, std::span<const int> n_rows);

  Subject subject_;
  int n_context_ = 0;
  std::unique_ptr<model::Workspace> workspace_;
  std::vector<float> logits_;  // [kLogitRows][n_vocabulary]
};

}  // namespace plmm::measure
