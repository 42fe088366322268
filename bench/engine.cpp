// plmm bench engine: how fast, how near to what the machine allows, and beside the peers.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bench/batch.h"
#include "bench/depth.h"
#include "bench/divergence.h"
#include "bench/goals.h"
#include "bench/machine.h"
#include "bench/memory.h"
#include "bench/packed_load.h"
#include "bench/peer_team.h"
#include "bench/speculation.h"
#include "bench/start.h"
#include "bench/stored_prefix.h"
#include "bench/suites.h"
#include "bench/workload.h"
#include "infer/session.h"
#include "model/model.h"

namespace plmm::bench {
namespace {

constexpr int kRepetitions = 5;
constexpr int kPrompt = 512;
constexpr int kDecode = 64;
constexpr int kDepth = 1;         // tokens before the first decoded one
constexpr int kFirstPrompt = 16;  // tokens of the prompt of first_token
constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kGiga = 1e9;
constexpr double kFirstTokenMax = 1.0;  // seconds, smollm2-135m with a warm page cache
constexpr std::string_view kFirstTokenModel = "smollm2-135m";
constexpr double kWrongAnswers = 0.5;  // nats: quantisation costs hundredths, a broken kernel nats
constexpr std::string_view kSampleText =
    "The lighthouse keeper's daughter kept a small notebook in which she wrote down the name of "
    "every ship that passed.";

/// Seconds of each repetition, ours and each peer's by name.
struct Timings {
  std::vector<double> ours;
  std::map<std::string, std::vector<double>, std::less<>> peers;
};

struct Limits {
  double int8_macs = 0;  // a second
};

class ModelBench {
 public:
  ModelBench(const Options& options, ModelFile file, const Limits& limits, PeerTeam& team,
             Report& report)
      : options_(options), file_(std::move(file)), limits_(limits), team_(team), report_(report) {
    load_.n_threads = options.n_threads;
    load_.tier = options.tier;
    load_.kv_cache = options.kv_cache;
  }

  Result<> run() {
    {
      const auto engine = TRY(infer::Engine::load(file_.path, load_));
      auto workload = TRY(Workload::create(*engine));
      load_peers();
      TRY(check_answers(*engine));
      measure_load(*engine);
      TRY(measure_prefill(*engine, workload));
      TRY(measure_decode(*engine, workload));
      TRY(measure_batch(options_, *engine, file_, report_));
      TRY(measure_speculation(options_, *engine, file_, report_));
      if (const auto row = TRY(depth_row(options_, file_, *engine))) report_.add(*row);
    }
    TRY(measure_first_token());
    report_.add(TRY(packed_load_row(options_, file_)));
    report_.add(TRY(stored_prefix_row(options_, file_)));
    if (options_.program.empty()) return {};  // what follows is measured on the program
    auto start = TRY(start_row(options_, file_, team_));
    std::erase_if(start.peers, [&](const PeerValue& peer) { return is_wrong(peer.name); });
    report_.add(start);
    report_.add(TRY(memory_row(options_, file_, team_)));
    return {};
  }

 private:
  void load_peers() {
    team_.each([&](Peer& peer) -> Result<> {
      TRY(peer.ask("load " + file_.path.string()));
      TRY(peer.ask("tune"));
      return {};
    });
  }

  /// A peer that computes something else is no peer on this file: its speed is shown, not compared.
  Result<> check_answers(infer::Engine& engine) {
    wrong_.clear();
    if (team_.peers().empty()) return {};
    auto session = TRY(infer::Session::create(engine, 0));
    std::vector<text::TokenId> ids = engine.tokenizer().encode(kSampleText, text::Special::plain);
    if (const auto bos = engine.tokenizer().bos(); bos && engine.tokenizer().add_bos())
      ids.insert(ids.begin(), *bos);
    std::vector<float> ours;
    TRY(session.score(ids, [&](int, std::span<const float> logits) {
      ours.insert(ours.end(), logits.begin(), logits.end());
    }));
    std::string command = "logits";
    for (const auto id : ids) command += fmt::format(" {}", id);
    team_.each([&](Peer& peer) -> Result<> {
      const auto answer = TRY(peer.ask(command));
      std::vector<float> theirs(static_cast<std::size_t>(answer.n_rows) *
                                static_cast<std::size_t>(answer.n_columns));
      TRY(peer.read_floats(theirs));
      if (theirs.size() != ours.size())
        return fail(ErrorCode::corrupt_data, peer.name() + ": logits of another shape");
      const auto apart =
          compare_rows(ours, theirs, static_cast<int>(ours.size() / ids.size()), engine.pool());
      if (apart.mean_kl() > kWrongAnswers && peer.name() != kMainPeer) {
        report_.note(fmt::format("{} computes other answers on {} (KL {:.2f}): not compared",
                                 peer.name(), file_.name, apart.mean_kl()));
        wrong_.push_back(peer.name());
      }
      return {};
    });
    return {};
  }

  /// A B A B: ours and each peer's in turn, after one turn that only warms up.
  Result<Timings> interleave(const std::function<double()>& ours, const std::string& command) {
    Timings out;
    for (int turn = -1; turn < kRepetitions; ++turn) {
      TRY(go_on(options_));
      const double seconds = ours();
      if (turn >= 0) out.ours.push_back(seconds);
      team_.each([&](Peer& peer) -> Result<> {
        const auto answer = TRY(peer.ask(command));
        if (turn >= 0) out.peers[peer.name()].push_back(answer.seconds);
        return {};
      });
    }
    return out;
  }

  /// A speed's value is n_tokens over the seconds and gets the goals of `what`; else the seconds.
  void add(std::string_view what, Metric metric, const Timings& timings, double n_tokens) {
    const auto value = [&](const std::vector<double>& seconds) {
      return metric.better == Better::more ? n_tokens / median(seconds) : median(seconds);
    };
    metric.name += "/" + file_.name;
    metric.value = value(timings.ours);
    for (const auto& [name, seconds] : timings.peers) {
      if (seconds.size() == kRepetitions && !is_wrong(name))
        metric.peers.push_back({name, value(seconds)});
    }
    if (metric.better == Better::more) set_speed_goals(what, file_.name, metric);
    report_.add(metric);
  }

  bool is_wrong(const std::string& peer) const {
    return std::ranges::find(wrong_, peer) != wrong_.end();
  }

  double bandwidth(infer::Engine& engine, std::uint64_t bytes) {
    return read_bandwidth(engine.pool(), static_cast<std::size_t>(bytes));
  }

  void measure_load(infer::Engine& engine) {
    const auto& stats = engine.load_stats();
    Metric metric;
    metric.name = "load/" + file_.name;
    metric.unit = "s";
    metric.better = Better::less;
    metric.value = stats.open_s + stats.pack_s;
    std::error_code gone;
    const double bytes = static_cast<double>(std::filesystem::file_size(file_.path, gone)) +
                         static_cast<double>(stats.packed_bytes);
    metric.of_limit = bytes / bandwidth(engine, stats.packed_bytes) / metric.value;
    metric.note = fmt::format("open {:.2f} s, pack {:.2f} s", stats.open_s, stats.pack_s);
    report_.add(metric);
  }

  Result<> measure_prefill(infer::Engine& engine, Workload& workload) {
    const auto timings = TRY(
        interleave([&] { return workload.prefill(kPrompt); }, fmt::format("prefill {}", kPrompt)));
    Metric metric;
    metric.name = fmt::format("prefill{}", kPrompt);
    metric.unit = "tok/s";
    metric.of_limit = kPrompt / median(timings.ours) *
                      macs_per_prompt_token(engine.model(), kPrompt) / limits_.int8_macs;
    add("prefill", metric, timings, kPrompt);
    return {};
  }

  Result<> measure_decode(infer::Engine& engine, Workload& workload) {
    const auto timings = TRY(interleave([&] { return workload.decode(kDecode, kDepth); },
                                        fmt::format("decode {} {}", kDecode, kDepth)));
    const auto bytes = engine.model().bytes_per_token();
    Metric metric;
    metric.name = "decode";
    metric.unit = "tok/s";
    metric.of_limit =
        kDecode / median(timings.ours) * static_cast<double>(bytes) / bandwidth(engine, bytes);
    add("decode", metric, timings, kDecode);
    return {};
  }

  Result<> measure_first_token() {
    std::optional<Error> failure;
    const auto timings = TRY(interleave(
        [&] {
          const auto seconds = first_token(file_.path, load_, kFirstPrompt);
          if (!seconds) failure = seconds.error();
          return seconds.value_or(0);
        },
        fmt::format("first_token {}", kFirstPrompt)));
    if (failure) return std::unexpected(*failure);
    Metric metric;
    metric.name = "first_token";
    metric.unit = "s";
    metric.better = Better::less;
    metric.note = fmt::format("load and a prompt of {} tokens", kFirstPrompt);
    if (file_.name == kFirstTokenModel)
      metric.goal = Goal{GoalKind::value_at_most, kFirstTokenMax, {}};
    add("first_token", metric, timings, kFirstPrompt);
    return {};
  }

  const Options& options_;
  ModelFile file_;
  const Limits& limits_;
  PeerTeam& team_;
  Report& report_;
  infer::LoadOptions load_;
  std::vector<std::string> wrong_;  // peers that are not compared on this file
};

void measure_bandwidth(const Options& options, Report& report) {
  for (int n_threads = 1; n_threads <= options.n_threads; n_threads *= 2) {
    ThreadPool pool(n_threads);
    for (const int mebibytes : {1, 4, 16, 64, 256, 1024}) {
      Metric metric;
      metric.name = fmt::format("read_bandwidth_{}MiB/{}", mebibytes, n_threads);
      metric.unit = "GB/s";
      metric.value = read_bandwidth(pool, static_cast<std::size_t>(mebibytes * kMiB)) / kGiga;
      report.add(metric);
    }
  }
}

Limits measure_peaks(const Options& options, const kernel::Kernels& kernels, Report& report) {
  ThreadPool pool(options.n_threads);
  Limits out;
  out.int8_macs = int8_peak(kernels, pool);
  Metric metric;
  metric.name = "int8_peak";
  metric.unit = "GMAC/s";
  metric.value = out.int8_macs / kGiga;
  report.add(metric);
  metric.name = "bf16_peak";
  metric.value = bf16_peak(pool) / kGiga;
  if (metric.value == 0) metric.note = "this CPU has no bf16 products";
  report.add(metric);
  return out;
}

}  // namespace

Result<> run_engine(const Options& options, const kernel::Kernels& kernels, const Output& output,
                    Report& report) {
  const auto models = TRY(find_models(options, output));
  PeerTeam team(output);
  if (options.peers) team = TRY(PeerTeam::start(Peers::all, options.n_threads, output));
  report.add(describe_cpu(kernels, options.n_threads));
  measure_bandwidth(options, report);
  const Limits limits = measure_peaks(options, kernels, report);
  for (const ModelFile& file : models) TRY(ModelBench(options, file, limits, team, report).run());
  if (team.failure()) return std::unexpected(*team.failure());
  return {};
}

}  // namespace plmm::bench
