// Matrix by matrix: sums of factors, or entries chosen and then cut to a rank.
#include "merge/merge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "base/rng.h"
#include "kernel/dispatch.h"
#include "merge/matrix.h"

namespace plmm::merge {
namespace {

using model::LoraAdapter;
using model::LoraPair;
using model::LoraTarget;

constexpr std::array kNames{std::pair{"linear", Method::linear}, std::pair{"task", Method::task},
                            std::pair{"ties", Method::ties}, std::pair{"dare", Method::dare},
                            std::pair{"dare-ties", Method::dare_ties}};

bool elects_signs(Method method) { return method == Method::ties || method == Method::dare_ties; }
bool drops_by_chance(Method method) {
  return method == Method::dare || method == Method::dare_ties;
}

/// An adapter's change of the matrix at hand, and its weight.
struct Change {
  const LoraPair* pair;
  double scaling;
  double weight;
};

/// Factors of Σ weight · Δ, one behind the other: their ranks add up.
LowRank cut_sum(std::span<const Change> changes, int rank) {
  int n = 0;
  for (const Change& change : changes) n += change.pair->rank;
  const int n_out = changes[0].pair->n_out, n_in = changes[0].pair->n_in;
  Small b(n_out, n), a(n, n_in);
  int at = 0;
  for (const Change& change : changes) {
    const LoraPair& pair = *change.pair;
    const double factor = change.scaling * change.weight;
    for (int r = 0; r < pair.rank; ++r, ++at) {
      const float* row =
          pair.a.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(n_in);
      for (int k = 0; k < n_in; ++k) a.at(at, k) = static_cast<double>(row[k]);
      for (int i = 0; i < n_out; ++i) {
        const auto index = static_cast<std::size_t>(i) * static_cast<std::size_t>(pair.rank) +
                           static_cast<std::size_t>(r);
        b.at(i, at) = factor * static_cast<double>(pair.b[index]);
      }
    }
  }
  return truncated_product(b, a, rank);
}

/// Δ, entry by entry.
Dense entries_of(const Change& change, const Team& team) {
  const LoraPair& pair = *change.pair;
  Dense a(pair.rank, pair.n_in), b(pair.n_out, pair.rank);
  a.data = pair.a;
  std::ranges::transform(pair.b, b.data.begin(), [&](float x) {
    return static_cast<float>(change.scaling * static_cast<double>(x));
  });
  return product(b, a, team);
}

/// All but the largest entries become 0: so many stay, and those of the same size as the least.
void keep_largest(Dense& m, double density) {
  std::vector<float> sizes;
  sizes.reserve(m.data.size());
  for (const float x : m.data) sizes.push_back(std::abs(x));
  const auto n = static_cast<std::size_t>(std::ceil(density * static_cast<double>(sizes.size())));
  const auto least = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() - n);
  std::ranges::nth_element(sizes, least);
  for (float& x : m.data) x = std::abs(x) < *least ? 0.0F : x;
}

/// Each entry stays with the probability `density`, and is then larger for it.
void keep_by_chance(Dense& m, double density, Rng& rng) {
  const auto factor = static_cast<float>(1 / density);
  for (float& x : m.data) x = rng.uniform() < density ? x * factor : 0.0F;
}

/// Σ weight · m, or of each entry the weighted mean of those that have the heavier sign.
Dense joined(std::span<const Dense> all, std::span<const Change> changes, Method method) {
  Dense out(all[0].n_rows, all[0].n_columns);
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < all.size(); ++k)
      sum += changes[k].weight * static_cast<double>(all[k].data[i]);
    if (elects_signs(method)) {
      double agreed = 0, weight = 0;
      for (std::size_t k = 0; k < all.size(); ++k) {
        const double x = static_cast<double>(all[k].data[i]);
        if (x * sum <= 0) continue;
        agreed += changes[k].weight * x;
        weight += changes[k].weight;
      }
      sum = weight > 0 ? agreed / weight : 0;
    }
    out.data[i] = static_cast<float>(sum);
  }
  return out;
}

/// As a pair whose scaling is 1 once its adapter's alpha is `alpha`.
LoraPair pair_of(const LowRank& factors, double alpha) {
  LoraPair out;
  out.rank = factors.right.n_rows;
  out.n_out = factors.left.n_rows;
  out.n_in = factors.right.n_columns;
  const double factor = static_cast<double>(out.rank) / alpha;
  for (const double x : factors.left.data) out.b.push_back(static_cast<float>(factor * x));
  for (const double x : factors.right.data) out.a.push_back(static_cast<float>(x));
  return out;
}

std::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorCode::invalid_argument, what);
}

Result<> check(std::size_t n_adapters, const MergeOptions& options) {
  if (n_adapters < 1 || n_adapters > kAdaptersMax)
    return wrong("a merge takes 1 to " + std::to_string(kAdaptersMax) + " adapters");
  if (options.weights.size() != n_adapters) return wrong("each adapter needs a weight");
  for (const float weight : options.weights) {
    if (!(std::abs(weight) <= kWeightMax)) return wrong("a weight must lie between -10 and 10");
    if (elects_signs(options.method) && weight <= 0)
      return wrong("ties takes a mean, so that each weight must be above 0");
  }
  const double sum = std::accumulate(options.weights.begin(), options.weights.end(), 0.0);
  if (options.method == Method::linear && std::abs(sum) < 1e-6)
    return wrong("linear divides by the sum of the weights, which is 0; --method task does not");
  if (!(options.density > 0 && options.density <= 1))
    return wrong("the density must be above 0 and at most 1");
  if (options.rank < 0 || options.rank > model::kLoraRankMax)
    return wrong("the rank must be 1 to " + std::to_string(model::kLoraRankMax));
  return {};
}

class Merging {
 public:
  Merging(std::span<const LoraAdapter> adapters, const MergeOptions& options, const Team& team)
      : adapters_(adapters), options_(options), team_(team), rng_(options.seed) {
    divisor_ = options.method == Method::linear
                   ? std::accumulate(options.weights.begin(), options.weights.end(), 0.0)
                   : 1.0;
  }

  /// The pair of one matrix, its alpha kAlpha; empty where no adapter changes it.
  LoraPair merge(int layer, LoraTarget target) {
    std::vector<Change> changes;
    int n_ranks = 0;
    for (std::size_t k = 0; k < adapters_.size(); ++k) {
      const LoraPair& pair = adapters_[k].pair(layer, target);
      if (pair.empty()) continue;
      const double weight = static_cast<double>(options_.weights[k]) / divisor_;
      changes.push_back({&pair, static_cast<double>(adapters_[k].scaling(pair)), weight});
      n_ranks += pair.rank;
    }
    if (changes.empty()) return empty(adapters_[0].pair(layer, target));
    const LoraPair& shape = *changes[0].pair;
    const int rank = std::min({options_.rank == 0 ? n_ranks : options_.rank, model::kLoraRankMax,
                               shape.n_in, shape.n_out});
    const bool is_sum = options_.method == Method::linear || options_.method == Method::task;
    const LowRank cut = is_sum ? cut_sum(changes, rank) : cut_entries(changes, rank);
    kept_ += cut.kept;
    whole_ += cut.whole;
    return pair_of(cut, kAlpha);
  }

  double whole() const { return whole_; }
  double lost() const { return std::max(0.0, 1 - kept_ / whole_); }

  static constexpr double kAlpha = 16;

 private:
  static LoraPair empty(const LoraPair& shape) {
    LoraPair out;
    out.n_in = shape.n_in;
    out.n_out = shape.n_out;
    return out;
  }

  LowRank cut_entries(std::span<const Change> changes, int rank) {
    std::vector<Dense> all;
    for (const Change& change : changes) {
      all.push_back(entries_of(change, team_));
      if (drops_by_chance(options_.method)) {
        keep_by_chance(all.back(), options_.density, rng_);
      } else {
        keep_largest(all.back(), options_.density);
      }
    }
    return truncated(joined(all, changes, options_.method), rank, options_.seed, team_);
  }

  std::span<const LoraAdapter> adapters_;
  const MergeOptions& options_;
  const Team& team_;
  Rng rng_;
  double divisor_ = 1;
  double kept_ = 0;
  double whole_ = 0;
};

/// What base they all name, or nothing.
std::string common_base(std::span<const LoraAdapter> adapters) {
  const auto& first = adapters[0].base_fingerprint;
  const bool same = std::ranges::all_of(
      adapters, [&](const LoraAdapter& each) { return each.base_fingerprint == first; });
  return same ? first : "";
}

}  // namespace

std::optional<Method> method_from_name(std::string_view name) {
  for (const auto& [known, method] : kNames) {
    if (name == known) return method;
  }
  return {};
}

Result<Merged> merge_adapters(std::span<const LoraAdapter> adapters, const MergeOptions& options,
                              const model::ModelConfig& config, ThreadPool& pool,
                              const Cancel& cancel,
                              const std::function<void(int done, int total)>& on_matrix) {
  TRY(check(adapters.size(), options));
  for (const LoraAdapter& adapter : adapters) TRY(model::check_lora(adapter, config));
  const Team team{pool, *kernel::find_kernels("")->backward};
  Merging merging(adapters, options, team);
  Merged out;
  out.adapter.alpha = static_cast<float>(Merging::kAlpha);
  out.adapter.architecture = config.architecture;
  out.adapter.base_fingerprint = common_base(adapters);
  out.adapter.layers.resize(static_cast<std::size_t>(config.n_layers));
  const int n_total = config.n_layers * model::kLoraTargets;
  for (int layer = 0, n = 0; layer < config.n_layers; ++layer) {
    for (const LoraTarget target : model::all_lora_targets()) {
      if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped; nothing was written");
      LoraPair pair = merging.merge(layer, target);
      out.adapter.rank = std::max(out.adapter.rank, pair.rank);
      out.adapter.pair(layer, target) = std::move(pair);
      if (on_matrix) on_matrix(++n, n_total);
    }
  }
  if (!(merging.whole() > 0))
    return wrong("the adapters cancel each other out: the result would change nothing");
  TRY(model::check_lora(out.adapter, config));
  out.lost = merging.lost();
  return out;
}

}  // namespace plmm::merge
