// Who guesses the tokens that a model may say next.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/cancel.h"
#include "infer/sampler.h"
#include "text/tokenizer.h"

namespace plmm::infer {

/// How sure a drafter is of a guess: 0 … kGrades − 1. What a grade is worth is measured, so only
/// their order matters.
inline constexpr int kGrades = 8;

struct Guess {
  text::TokenId token = 0;
  int grade = 0;
};

/// For each grade the share of guesses that come true.
using Acceptances = std::array<double, kGrades>;

/// Guesses one token after the other behind a sequence. A wrong guess costs time and nothing else.
class Drafter {
 public:
  virtual ~Drafter() = default;

  /// From now on guesses follow `tokens` (valid until the next call): mostly the last sequence and
  /// a few tokens more. `sampler` is the one that will draw, as it stands.
  virtual void follow(std::span<const text::TokenId> tokens, const Sampler& sampler) = 0;
  /// What comes behind the sequence and the guesses since follow(); nothing when it has no idea, or
  /// is cancelled.
  virtual std::optional<Guess> next(const Cancel& cancel) = 0;
  /// Tokens of the sequence that must be read before the first guess, which takes time; 0 where a
  /// guess costs next to nothing anyway.
  virtual int n_unread() const = 0;
  /// Reads them, up to the last few.
  virtual void read(const Cancel& cancel) = 0;
  /// Whether a guess takes time worth weighing.
  virtual bool costs_time() const = 0;
  /// What to expect before anything was measured.
  virtual Acceptances expected() const = 0;
};

}  // namespace plmm::infer
