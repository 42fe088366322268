// Two engines side by side, one on the map of a file and one on its own memory.
#include "bench/packed_load.h"

#include <fmt/format.h>

#include "base/temporary_folder.h"

namespace plmm::bench {
namespace {

constexpr int kTurns = 5;
constexpr int kDecode = 32;

double load_s(const infer::Engine& engine) {
  return engine.load_stats().open_s + engine.load_stats().pack_s;
}

/// Speed of decoding with `mapped` over that with `own`.
Result<double> decode_ratio(const Options& options, infer::Engine& own, infer::Engine& mapped) {
  auto a = TRY(Workload::create(own));
  auto b = TRY(Workload::create(mapped));
  std::vector<double> own_s, mapped_s;
  for (int turn = -1; turn < kTurns; ++turn) {  // the first one only warms up
    TRY(go_on(options));
    const double first = a.decode(kDecode, 1), second = b.decode(kDecode, 1);
    if (turn < 0) continue;
    own_s.push_back(first);
    mapped_s.push_back(second);
  }
  return median(own_s) / median(mapped_s);
}

}  // namespace

Result<Metric> packed_load_row(const Options& options, const ModelFile& file) {
  const auto folder = TRY(TemporaryFolder::create());
  infer::LoadOptions load;
  load.n_threads = options.n_threads;
  load.tier = options.tier;
  std::vector<double> without_s, with_s;
  std::unique_ptr<infer::Engine> own, mapped;
  for (int turn = -1; turn < kTurns; ++turn) {  // the first one leaves the file
    TRY(go_on(options));
    load.packed_folder.clear();
    own = TRY(infer::Engine::load(file.path, load));
    load.packed_folder = folder.path() / "packed";
    mapped = TRY(infer::Engine::load(file.path, load));
    if (turn < 0) continue;
    without_s.push_back(load_s(*own));
    with_s.push_back(load_s(*mapped));
  }
  if (!mapped->load_stats().was_packed)
    return fail(ErrorCode::io, folder.path().string() + ": packed weights cannot be kept there");
  const double ratio = TRY(decode_ratio(options, *own, *mapped));
  Metric out;
  out.name = "load_packed/" + file.name;
  out.value = median(with_s);
  out.unit = std::string("s");
  out.better = Better::less;
  out.note = fmt::format("without the file {:.2f} s; decodes at {:.2f} x of that speed",
                         median(without_s), ratio);
  return out;
}

}  // namespace plmm::bench
