// Penalty, top-k, top-p, min-p, temperature, draw: in this order.
#include "infer/sampler.h"

#include <algorithm>
#include <cmath>

namespace plmm::infer {
namespace {

/// Higher logits first, lower ids first among equals, so that a seed means the same on every
/// machine.
bool better(float a, text::TokenId a_id, float b, text::TokenId b_id) {
  return a > b || (a == b && a_id < b_id);
}

text::TokenId best_of(std::span<const float> logits) {
  return static_cast<text::TokenId>(std::max_element(logits.begin(), logits.end()) -
                                    logits.begin());
}

}  // namespace

void Sampler::penalise(std::span<float> logits, std::span<const text::TokenId> recent) {
  if (options_.repeat_penalty == 1.0F || options_.repeat_last_n <= 0) return;
  const auto n = std::min(recent.size(), static_cast<std::size_t>(options_.repeat_last_n));
  seen_.assign(recent.end() - static_cast<std::ptrdiff_t>(n), recent.end());
  std::sort(seen_.begin(), seen_.end());
  seen_.erase(std::unique(seen_.begin(), seen_.end()), seen_.end());
  for (const text::TokenId id : seen_) {
    float& logit = logits[static_cast<std::size_t>(id)];
    logit = logit > 0.0F ? logit / options_.repeat_penalty : logit * options_.repeat_penalty;
  }
}

void Sampler::keep_top_k(std::span<const float> logits) {
  candidates_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i)
    candidates_.push_back({logits[i], static_cast<text::TokenId>(i)});
  const auto by_logit = [](const Candidate& a, const Candidate& b) {
    return better(a.logit, a.id, b.logit, b.id);
  };
  if (options_.top_k > 0 && static_cast<std::size_t>(options_.top_k) < candidates_.size()) {
    std::nth_element(candidates_.begin(), candidates_.begin() + options_.top_k, candidates_.end(),
                     by_logit);
    candidates_.resize(static_cast<std::size_t>(options_.top_k));
  }
  std::sort(candidates_.begin(), candidates_.end(), by_logit);
}

/// Candidates are sorted: keeps the first whose probabilities reach top_p, and none below min_p
/// times the best.
void Sampler::keep_likely() {
  const double best = candidates_.front().logit;
  double total = 0.0;
  for (const auto& candidate : candidates_) total += std::exp(candidate.logit - best);
  double sum = 0.0;
  std::size_t n = 0;
  while (n < candidates_.size()) {
    const double p = std::exp(candidates_[n].logit - best);
    if (n > 0 && (sum >= options_.top_p * total || p < options_.min_p)) break;
    sum += p;
    ++n;
  }
  candidates_.resize(n);
}

text::TokenId Sampler::next(std::span<float> logits, std::span<const text::TokenId> recent) {
  penalise(logits, recent);
  if (options_.temperature <= 0.0F) return best_of(logits);
  keep_top_k(logits);
  keep_likely();
  const double best = candidates_.front().logit;
  double total = 0.0;
  for (const auto& candidate : candidates_)
    total += std::exp((candidate.logit - best) / options_.temperature);
  double left = rng_.uniform() * total;
  for (const auto& candidate : candidates_) {
    left -= std::exp((candidate.logit - best) / options_.temperature);
    if (left < 0.0) return candidate.id;
  }
  return candidates_.back().id;
}

}  // namespace plmm::infer
