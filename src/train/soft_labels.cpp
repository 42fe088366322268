// One walk through the probabilities for the likeliest, one for the draws.
#include "train/soft_labels.h"

#include <algorithm>
#include <cmath>

#include "base/narrow.h"
#include "kernel/backward.h"

namespace plmm::train {
namespace {

constexpr double kSumTolerance = 1e-3;    // of a row's probabilities, which are rounded to f32
constexpr std::size_t kSumWords = 4'096;  // summed in f32; the sums are added in double

/// The largest logit and Σ exp(logit − it).
struct Scale {
  float top;
  double sum;
  double log_sum() const { return double{top} + std::log(sum); }
};

Scale scale_of(std::span<const float> logits, const kernel::BackwardKernels& k) {
  Scale out{k.maximum(logits.data(), narrow<int>(logits.size())), 0};
  for (std::size_t i = 0; i < logits.size(); i += kSumWords) {
    const auto part = logits.subspan(i, std::min(kSumWords, logits.size() - i));
    out.sum += double{k.exponential_sum(part.data(), narrow<int>(part.size()), out.top)};
  }
  return out;
}

/// The n likeliest, the smaller id first where equal; ascending by id.
std::vector<SoftLabel> likeliest(std::span<const float> p, int n) {
  const auto before = [](const SoftLabel& a, const SoftLabel& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.token < b.token;
  };
  std::vector<SoftLabel> out;  // a heap with the least likely in front
  for (std::size_t i = 0; i < p.size() && n > 0; ++i) {
    const SoftLabel label{static_cast<text::TokenId>(i), p[i]};
    if (out.size() < static_cast<std::size_t>(n)) {
      out.push_back(label);
      std::ranges::push_heap(out, before);
    } else if (before(label, out.front())) {
      std::ranges::pop_heap(out, before);
      out.back() = label;
      std::ranges::push_heap(out, before);
    }
  }
  std::ranges::sort(out, {}, &SoftLabel::token);
  return out;
}

/// n points, one anywhere in each nth of what the tokens of `p` have together: a token gets a share
/// for each point that falls on it, n · p / total of them on average. Tokens of probability 0 are
/// never drawn.
std::vector<SoftLabel> draw(std::span<const float> p, double total, int n, Rng& rng) {
  std::vector<SoftLabel> out;
  const double share = total / n;
  double sum = 0, point = rng.uniform() * share;
  int n_drawn = 0;
  for (std::size_t i = 0; i < p.size() && n_drawn < n; ++i) {
    sum += double{p[i]};
    int n_here = 0;
    for (; n_drawn < n && point < sum; ++n_here) {
      ++n_drawn;
      point = (n_drawn + rng.uniform()) * share;
    }
    if (n_here > 0)
      out.push_back({static_cast<text::TokenId>(i), static_cast<float>(n_here * share)});
  }
  return out;
}

}  // namespace

SoftRow append_labels(std::span<float> logits, text::TokenId target, const LabelOptions& options,
                      const kernel::Kernels& kernels, Rng& rng, std::vector<SoftLabel>& out) {
  const auto& k = *kernels.backward;
  const int n = narrow<int>(logits.size());
  SoftRow row{};
  Scale scale = scale_of(logits, k);
  row.loss = static_cast<float>(scale.log_sum() - double{logits[static_cast<std::size_t>(target)]});
  if (options.temperature != 1.0F) {
    kernels.scale(logits.data(), 1.0F / options.temperature, n);
    scale = scale_of(logits, k);
  }
  const std::vector<float> kept(logits.begin(), logits.end());
  k.probabilities(logits.data(), n, scale.top, static_cast<float>(1.0 / scale.sum));
  double mean = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) mean += double{logits[i]} * double{kept[i]};
  row.entropy = static_cast<float>(scale.log_sum() - mean);
  if (!std::isfinite(row.entropy) || !std::isfinite(row.loss)) return row;

  auto labels = likeliest(logits, options.n_top);
  double total = 0;
  for (const SoftLabel& label : labels) logits[static_cast<std::size_t>(label.token)] = 0.0F;
  for (const float p : logits) total += double{p};
  const auto drawn = draw(logits, total, options.n_draws, rng);
  labels.insert(labels.end(), drawn.begin(), drawn.end());
  std::erase_if(labels, [](const SoftLabel& label) { return label.probability == 0.0F; });
  std::ranges::sort(labels, {}, &SoftLabel::token);
  double sum = 0;  // 1, but for rounding
  for (const SoftLabel& label : labels) sum += double{label.probability};
  for (SoftLabel& label : labels)
    label.probability = std::min(static_cast<float>(label.probability / sum), 1.0F);
  row.n_labels = narrow<std::uint32_t>(labels.size());
  out.insert(out.end(), labels.begin(), labels.end());
  return row;
}

bool is_sound(const SoftRow& row, std::span<const SoftLabel> labels, int n_vocabulary) {
  if (!std::isfinite(row.entropy) || !std::isfinite(row.loss)) return false;
  double sum = 0;
  text::TokenId before = -1;
  for (const SoftLabel& label : labels) {
    if (label.token <= before || label.token >= n_vocabulary) return false;
    if (!(label.probability > 0.0F && label.probability <= 1.0F)) return false;
    before = label.token;
    sum += double{label.probability};
  }
  return std::abs(sum - 1.0) <= kSumTolerance;
}

}  // namespace plmm::train
