// Penalty, top-k, top-p, min-p, temperature, draw: in this order.
#include "infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plmm::infer {
namespace {

/// Candidates beyond twice the k that are kept before the best are sorted out.
constexpr std::size_t kCandidatesMore = 256;

/// Higher logits first, lower ids first among equals, so that a seed means the same on every
/// machine.
bool better(float a, text::TokenId a_id, float b, text::TokenId b_id) {
  return a > b || (a == b && a_id < b_id);
}

/// The largest of n numbers, and where it first stands. Numbers side by side are compared at once:
/// a vocabulary is long, and there is one for each sequence.
std::size_t first_largest(std::span<const float> logits) {
  constexpr std::size_t kLanes = 16, kPart = 1024;
  std::size_t best_part = 0;
  float best = -std::numeric_limits<float>::infinity();
  for (std::size_t part = 0; part < logits.size(); part += kPart) {
    const auto some = logits.subspan(part, std::min(kPart, logits.size() - part));
    float lanes[kLanes];
    std::ranges::fill(lanes, best);
    std::size_t i = 0;
    for (; i + kLanes <= some.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] = some[i + lane] > lanes[lane] ? some[i + lane] : lanes[lane];
    }
    for (; i < some.size(); ++i) lanes[0] = some[i] > lanes[0] ? some[i] : lanes[0];
    const float largest = *std::ranges::max_element(lanes);
    if (largest > best) {
      best = largest;
      best_part = part;
    }
  }
  const auto from = logits.subspan(best_part);
  return best_part + static_cast<std::size_t>(std::ranges::find(from, best) - from.begin());
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
  const auto by_logit = [](const Candidate& a, const Candidate& b) {
    return better(a.logit, a.id, b.logit, b.id);
  };
  const auto k = static_cast<std::size_t>(options_.top_k);
  const auto keep_best = [&] {
    if (k == 0 || candidates_.size() <= k) return;
    std::nth_element(candidates_.begin(), candidates_.begin() + options_.top_k - 1,
                     candidates_.end(), by_logit);
    candidates_.resize(k);
  };
  // Most logits are below the k best of those before them and are only looked at.
  bool full = false;
  float enough = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (full && logits[i] <= enough) continue;  // an equal one has the higher id: worse
    candidates_.push_back({logits[i], static_cast<text::TokenId>(i)});
    if (k == 0 || candidates_.size() < 2 * k + kCandidatesMore) continue;
    keep_best();
    full = true;
    enough = candidates_.back().logit;
  }
  keep_best();
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
  if (options_.temperature <= 0.0F) return static_cast<text::TokenId>(first_largest(logits));
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
