// Chooses the next token from the logits: greedy, or drawn after penalty, top-k, top-p, min-p and
// temperature. Seeded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "text/tokenizer.h"

namespace plmm::infer {

struct SamplerOptions {
  float temperature = 0.0F;  // 0: the likeliest after the penalty, nothing is drawn
  int top_k = 40;            // 0: all
  float top_p = 0.95F;       // 1: all
  float min_p = 0.05F;       // tokens below min_p · p(best) are dropped; 0: none
  float repeat_penalty =
      1.1F;  // logits of recent tokens are divided (positive) or multiplied (negative); 1: none
  int repeat_last_n = 64;  // how many recent tokens count
  std::uint64_t seed = 0;  // the same seed and prompt give the same answer
};

class Sampler {
 public:
  explicit Sampler(const SamplerOptions& options) : options_(options), rng_(options.seed) {}

  /// The next token. `logits` [n_vocabulary] are changed in place; `recent` are the tokens so far,
  /// newest last.
  text::TokenId next(std::span<float> logits, std::span<const text::TokenId> recent);

 private:
  void penalise(std::span<float> logits, std::span<const text::TokenId> recent);
  void keep_top_k(std::span<const float> logits);
  void keep_likely();

  SamplerOptions options_;
  Rng rng_;
  std::vector<text::TokenId> seen_;
  struct Candidate {
    float logit;
    text::TokenId id;
  };
  std::vector<Candidate> candidates_;
};

}  // namespace plmm::infer
