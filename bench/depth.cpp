// Two key-value caches, one nearly empty and one filled, decoded in turn.
#include "bench/depth.h"

#include <fmt/format.h>

#include "model/model.h"

namespace plmm::bench {
namespace {

constexpr int kDeep = 4096;
constexpr int kShallow = 1;
constexpr int kDecode = 64;
constexpr int kTurns = 5;
constexpr double kShareMin = 0.85;

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
  out.note = fmt::format("{:.1f} tok/s behind {} tokens, {:.1f} behind one",
                         kDecode / median(deep_s), kDeep, kDecode / median(shallow_s));
  return out;
}

}  // namespace plmm::bench
