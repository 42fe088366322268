// Reciprocal rank fusion.
#include "search/fusion.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "base/check.h"

namespace plmm::search {

std::vector<Fused> fuse_ranks(std::span<const std::vector<std::int64_t>> lists,
                              std::span<const double> weights) {
  CHECK(lists.size() == weights.size());
  std::map<std::int64_t, double> scores;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    double rank = kRankConstant;
    for (const std::int64_t id : lists[i]) scores[id] += weights[i] / ++rank;
  }
  std::vector<Fused> out;
  for (const auto& [id, score] : scores) out.push_back({id, score});
  std::ranges::stable_sort(out, std::ranges::greater(), &Fused::score);
  return out;
}

}  // namespace plmm::search
