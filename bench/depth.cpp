// Two key-value caches, one nearly empty and one filled, decoded in turn.
#include "bench/depth.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/model.h"

namespace plmm::bench {
namespace {

constexpr int kDeep = 4096;
constexpr int kShallow = 1;
constexpr int kDecode = 64;
constexpr int kTurns = 5;
constexpr double kShareMin = 0.85;

/// Bytes of keys and values that a token behind `depth` others reads.
double cache_bytes(const model::ModelConfig& config, kernel::CacheType type, int depth) {
  double n_positions = 0;
  for (int layer = 0; layer < config.n_layers; ++layer)
    n_positions += config.is_local(layer) ? std::min(depth, config.sliding_window) : depth;
  const auto block = static_cast<double>(kernel::key_block_bytes(type, config.head_dim) +
                                         kernel::value_block_bytes(type, config.head_dim));
  return n_positions * config.n_kv_heads * block / kernel::kKeyBlock;
}

/// The share that is left when a token takes as long as its bytes take to read.
double share_of_bytes(const infer::Engine& engine) {
  const auto weights = static_cast<double>(engine.model().bytes_per_token());
  return weights / (weights + cache_bytes(engine.model().config(), engine.cache_type(), kDeep));
}

}  // namespace

Result<std::optional<Metric>> depth_row(const Options& options, const ModelFile& file,
                                        infer::Engine& engine) {
  if (engine.model().config().n_context < kDeep + kDecode) return std::nullopt;
  auto shallow = TRY(Workload::create(engine, kShallow + kDecode));
  auto deep = TRY(Workload::create(engine, kDeep + kDecode));
  deep.fill(kDeep);
  shallow.fill(kShallow);
  std::vector<double> shallow_s, deep_s;
  for (int turn = -1; turn < kTurns; ++turn) {  // the first one only warms up
    TRY(go_on(options));
    const double a = shallow.decode_filled(kDecode, kShallow);
    const double b = deep.decode_filled(kDecode, kDeep);
    if (turn < 0) continue;
    shallow_s.push_back(a);
    deep_s.push_back(b);
  }
  Metric out;
  out.name = fmt::format("decode_at_{}/{}", kDeep, file.name);
  out.value = median(shallow_s) / median(deep_s);
  out.unit = std::string("x");
  out.goal = Goal{GoalKind::value_at_least, kShareMin, {}};
  out.note = fmt::format(
      "{:.1f} tok/s behind {} tokens, {:.1f} behind one; by the bytes read it would be {:.2f} x",
      kDecode / median(deep_s), kDeep, kDecode / median(shallow_s), share_of_bytes(engine));
  return out;
}

}  // namespace plmm::bench
