// Metrics as the bench prints them: a line for a person, or one JSON object a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench.h"

namespace plmm::bench {

/// What a goal is compared with.
enum class GoalKind : std::uint8_t {
  ratio_at_least,  // the ratio over the peer that the goal names, or over the best one
  value_at_most,
  value_at_least,
};

struct Goal {
  GoalKind kind = GoalKind::ratio_at_least;
  double bound = 1.0;
  std::string peer;  // ratio_at_least: over this one; empty: over whichever is the best
};

struct PeerValue {
  std::string name;
  double value = 0;
};

enum class Better : std::uint8_t { more, less };

struct Metric {
  std::string name;  // "decode/smollm2-135m"
  double value = 0;
  std::string unit;
  Better better = Better::more;
  std::optional<Goal> goal;
  std::vector<PeerValue> peers;
  std::optional<double> of_limit;      // share of what the machine allows
  std::optional<double> of_limit_min;  // the goal for it
  std::string note;                    // what a reader must know to understand the figure
};

/// Ours over a peer's; above 1 is better whatever the unit.
double ratio_over(const Metric& metric, double peer);
/// The peer that is hardest to beat; null without peers.
const PeerValue* best_peer(const Metric& metric);
/// Whether the goals hold; true without any. A goal over a peer that is not there does not hold.
bool holds(const Metric& metric);

/// The contract's object, with more keys behind: {"suite","metric","value","unit","goal","peer",
/// "ratio","ok","peer_name","rule","of_limit","note","peers"}. "peer" is the best peer's value and
/// "ratio" ours over it.
std::string json_line(std::string_view suite, const Metric& metric);
/// For a terminal: name, value, peers, limit, verdict.
std::string text_line(const Metric& metric);

/// Prints metrics as they come and remembers whether all goals held.
class Report {
 public:
  Report(const Options& options, const Output& output) : options_(options), output_(output) {}

  void add(const Metric& metric);
  void note(std::string_view line) const { output_.note(line); }
  Verdict verdict() const { return missed_ ? Verdict::goal_missed : Verdict::goals_hold; }

 private:
  const Options& options_;
  const Output& output_;
  bool missed_ = false;
};

}  // namespace plmm::bench
