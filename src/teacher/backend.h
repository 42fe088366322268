// The model that a teacher works with: on this machine, or at an endpoint that somebody runs.
#pragma once

#include <string>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::teacher {

struct Prompt {
  std::string system;
  std::string user;
};

/// One thread at a time. Answers are the likeliest ones, nothing is drawn: the same prompt gets the
/// same text, as far as the backend keeps to that.
class Backend {
 public:
  virtual ~Backend() = default;

  /// What a release names as the model that wrote its questions: one line.
  virtual const std::string& name() const = 0;
  /// The answer, of at most `n_tokens_max` tokens, without white space at its ends. Prompts that
  /// begin alike are cheaper when they follow each other. limit_exceeded for a prompt that does not
  /// fit the model's context, cancelled, offline and whatever the backend says.
  virtual Result<std::string> complete(const Prompt& prompt, int n_tokens_max,
                                       const Cancel& cancel) = 0;
};

}  // namespace plmm::teacher
