// plmm bench accuracy: the exact path against transformers, and what the fast path loses beside
// what the peers lose on the same file.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "bench/divergence.h"
#include "bench/golden.h"
#include "bench/machine.h"
#include "bench/peer_team.h"
#include "bench/suite_text.h"
#include "bench/suites.h"
#include "bench/workload.h"
#include "infer/session.h"
#include "model/model.h"

namespace plmm::bench {
namespace {

constexpr int kWindow = 512;          // positions that see each other; each window starts afresh
constexpr int kReferenceWindows = 2;  // transformers is slow: it proves the exact path on these
constexpr double kNmseMax = 1e-6;

using Clock = std::chrono::steady_clock;

std::string logits_command(const Tokens& tokens) {
  std::string out = "logits";
  for (const auto id : tokens) out += fmt::format(" {}", id);
  return out;
}

/// Logits of every position of a window by a helper, into out [tokens][n_vocabulary].
Result<> ask_logits(Peer& peer, const Tokens& tokens, int n_vocabulary, std::vector<float>& out) {
  const auto answer = TRY(peer.ask(logits_command(tokens)));
  if (answer.n_rows != static_cast<int>(tokens.size()) || answer.n_columns != n_vocabulary) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: {} x {} logits, not {} x {}", peer.name(), answer.n_rows,
                            answer.n_columns, tokens.size(), n_vocabulary));
  }
  out.resize(tokens.size() * static_cast<std::size_t>(n_vocabulary));
  return peer.read_floats(out);
}

Result<> own_logits(infer::Session& session, const Tokens& tokens, std::vector<float>& out) {
  out.clear();
  return session.score(tokens, [&](int, std::span<const float> logits) {
    out.insert(out.end(), logits.begin(), logits.end());
  });
}

class ModelAccuracy {
 public:
  ModelAccuracy(const Options& options, ModelFile file, PeerTeam& team, const Output& output,
                Report& report)
      : options_(options), file_(std::move(file)), team_(team), output_(output), report_(report) {}

  /// `text` empty: only the golden logits.
  Result<> run(std::string_view text) {
    fast_ = TRY(load_engine(options_, file_, infer::Precision::fast));
    windows_ = windows(fast_->tokenizer(), text, options_.n_tokens, kWindow);
    n_vocabulary_ = fast_->model().config().n_vocabulary;
    // The reference goes before the exact weights come: each takes four bytes a weight.
    if (options_.peers && !windows_.empty()) TRY(ask_reference());
    exact_ = TRY(load_engine(options_, file_, infer::Precision::exact));
    TRY(compare_golden());
    if (!windows_.empty()) TRY(compare_text());
    return {};
  }

 private:
  Result<> ask_reference() {
    const auto n = std::min<std::size_t>(kReferenceWindows, windows_.size());
    output_.note(fmt::format("{}: transformers computes {} windows in float32", file_.name, n));
    auto reference = TRY(start_reference(options_.n_threads));
    TRY(reference.ask("load " + file_.path.string()));
    reference_.resize(n);
    for (std::size_t i = 0; i < n; ++i)
      TRY(ask_logits(reference, windows_[i], n_vocabulary_, reference_[i]));
    return {};
  }

  void add_nmse(std::string_view name, double nmse, std::string note) {
    Metric metric;
    metric.name = fmt::format("{}/{}", name, file_.name);
    metric.value = nmse;
    metric.better = Better::less;
    metric.goal = Goal{GoalKind::value_at_most, kNmseMax, {}};
    metric.note = std::move(note);
    report_.add(metric);
  }

  /// The exact path against the numbers that stand in the repository, where they do.
  Result<> compare_golden() {
    const auto path = find_in_checkout("testdata/logits/" + file_.name + ".json");
    if (!path) {
      output_.note(fmt::format("{}: no golden logits of this model", file_.name));
      return {};
    }
    const Golden golden = TRY(read_golden(*path));
    auto session = TRY(infer::Session::create(*exact_, 0));
    SquaredError sum;
    Result<> compared;
    TRY(session.score(golden.tokens, [&](int position, std::span<const float> logits) {
      const auto row = golden.rows.find(position);
      if (row == golden.rows.end() || !compared) return;
      const auto error = compare(row->second, logits);
      if (!error) {
        compared = std::unexpected(error.error());
        return;
      }
      sum.error += error->error;
      sum.power += error->power;
    }));
    TRY(compared);
    add_nmse("nmse_golden", sum.error / sum.power,
             fmt::format("exact path, {} positions of testdata/logits", golden.rows.size()));
    return {};
  }

  Result<> compare_text() {
    team_.each([&](Peer& peer) -> Result<> {
      TRY(peer.ask("load " + file_.path.string()));
      return {};
    });
    auto exact = TRY(infer::Session::create(*exact_, kWindow));
    auto fast = TRY(infer::Session::create(*fast_, kWindow));
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      TRY(go_on(options_));
      TRY(compare_window(i, exact, fast));
      tell_progress(i + 1);
    }
    add_text_metrics();
    return {};
  }

  Result<> compare_window(std::size_t i, infer::Session& exact, infer::Session& fast) {
    TRY(own_logits(exact, windows_[i], exact_logits_));
    if (i < reference_.size()) {
      to_reference_ += differ(reference_[i], exact_logits_);
      reference_[i] = {};
    }
    TRY(own_logits(fast, windows_[i], other_logits_));
    ours_ += differ(exact_logits_, other_logits_);
    team_.each([&](Peer& peer) -> Result<> {
      TRY(ask_logits(peer, windows_[i], n_vocabulary_, other_logits_));
      theirs_[peer.name()] += differ(exact_logits_, other_logits_);
      return {};
    });
    return {};
  }

  Divergence differ(std::span<const float> reference, std::span<const float> candidate) {
    return compare_rows(reference, candidate, n_vocabulary_, exact_->pool());
  }

  void tell_progress(std::size_t n_done) {
    if (Clock::now() - told_ < std::chrono::seconds(30)) return;
    told_ = Clock::now();
    output_.note(fmt::format("{}: window {} of {}", file_.name, n_done, windows_.size()));
  }

  void add_text_metrics() {
    if (to_reference_.n > 0) {
      add_nmse("nmse", to_reference_.nmse(),
               fmt::format("exact path and transformers f32, {} positions", to_reference_.n));
    }
    Metric kl;
    kl.name = "kl/" + file_.name;
    kl.unit = "nats";
    kl.better = Better::less;
    kl.value = ours_.mean_kl();
    Metric top1;
    top1.name = "top1/" + file_.name;
    top1.value = ours_.top1();
    kl.note = top1.note = fmt::format("fast path and exact path, {} positions", ours_.n);
    for (const auto& [name, sum] : theirs_) {
      if (sum.n != ours_.n) continue;  // it failed on the way
      kl.peers.push_back({name, sum.mean_kl()});
      top1.peers.push_back({name, sum.top1()});
    }
    if (!kl.peers.empty())
      kl.goal = top1.goal = Goal{GoalKind::ratio_at_least, 1.0, std::string(kMainPeer)};
    report_.add(kl);
    report_.add(top1);
  }

  const Options& options_;
  ModelFile file_;
  PeerTeam& team_;
  const Output& output_;
  Report& report_;
  std::unique_ptr<infer::Engine> fast_;
  std::unique_ptr<infer::Engine> exact_;
  int n_vocabulary_ = 0;
  std::vector<Tokens> windows_;
  std::vector<std::vector<float>> reference_;  // of the first windows, [tokens][n_vocabulary]
  std::vector<float> exact_logits_;            // of the window at hand
  std::vector<float> other_logits_;
  Divergence to_reference_;
  Divergence ours_;
  std::map<std::string, Divergence, std::less<>> theirs_;
  Clock::time_point told_ = Clock::now();
};

}  // namespace

Result<> run_accuracy(const Options& options, const kernel::Kernels& kernels, const Output& output,
                      Report& report) {
  const auto models = TRY(find_models(options, output));
  const auto text = suite_text(options, options.n_tokens);
  if (!text) output.note(text.error().what);
  PeerTeam team(output);
  if (options.peers && text)
    team = TRY(PeerTeam::start(Peers::main_only, options.n_threads, output));
  report.add(describe_cpu(kernels, options.n_threads));
  for (const ModelFile& file : models) {
    TRY(ModelAccuracy(options, file, team, output, report)
            .run(text ? std::string_view(*text) : std::string_view()));
  }
  if (!text) return std::unexpected(text.error());
  if (team.failure()) return std::unexpected(*team.failure());
  return {};
}

}  // namespace plmm::bench
