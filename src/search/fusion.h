// Rankings of several searches made into one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plmm::search {

struct Fused {
  std::int64_t id;
  double score;
};

/// Reciprocal rank fusion: an id's score is the sum of weight / (rank_constant + rank) over the
/// lists that hold it, rank from 1. Best first; of equal scores the lower id.
///   lists: best first, no id twice in one · weights: one per list
/// Source: Cormack, Clarke & Büttcher 2009, who take 60.
inline constexpr double kRankConstant = 60.0;
std::vector<Fused> fuse_ranks(std::span<const std::vector<std::int64_t>> lists,
                              std::span<const double> weights);

}  // namespace plmm::search
