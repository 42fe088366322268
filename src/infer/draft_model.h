// Guesses of a smaller model that knows the same tokens.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "infer/drafter.h"
#include "infer/engine.h"

namespace plmm::model {
class KvCache;
class Workspace;
}  // namespace plmm::model

namespace plmm::infer {

/// ok when every token of `draft` is that of `main`; else invalid_argument, with the first that
/// differs.
Result<> check_same_vocabulary(const Engine& draft, const Engine& main);

/// Draws from its own logits with the sampler of the answer as it stands, and so from the same
/// random numbers: where both models agree on the odds, they agree on the token.
class DraftModel : public Drafter {
 public:
  /// How an engine that does nothing else is best loaded. It may know only the more frequent tokens
  /// (the head of a small model is a third of its bytes), and it computes with main's threads.
  static LoadOptions load_options(const Engine& main);

  /// `draft` outlives it and has the vocabulary of `main`. n_context: of the sequences to follow;
  /// beyond what `draft` itself takes it has no idea. io when the memory cannot be had.
  static Result<std::unique_ptr<DraftModel>> create(Engine& draft, const Engine& main,
                                                    int n_context);
  ~DraftModel() override;

  void follow(std::span<const text::TokenId> tokens, const Sampler& sampler) override;
  std::optional<Guess> next(const Cancel& cancel) override;
  int n_unread() const override;
  void read(const Cancel& cancel) override;
  bool costs_time() const override { return true; }
  Acceptances expected() const override;

 private:
  DraftModel();
  /// Computes tokens_ up to n; the logits of the last one where they are wanted.
  bool feed(std::size_t n, std::span<float> logits, const Cancel& cancel);

  Engine* engine_ = nullptr;
  std::unique_ptr<model::KvCache> cache_;
  std::unique_ptr<model::Workspace> workspace_;
  std::vector<float> logits_;
  std::vector<text::TokenId> tokens_;  // the sequence, then the guesses
  std::size_t n_held_ = 0;             // leading ones that the cache holds
  const Sampler* drawing_ = nullptr;   // of the answer; null once it was copied
  std::optional<Sampler> sampler_;
};

}  // namespace plmm::infer
