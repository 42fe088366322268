// One table of goals: speed over the best peer, share of the machine's limit.
#include "bench/goals.h"

#include <array>

namespace plmm::bench {
namespace {

struct SpeedGoal {
  std::string_view what, model;
  double over_best;  // times the best peer
  double of_limit;   // of the read bandwidth at that size, or of the int8 peak
};

// From 1.5 billion weights on every engine is bound by memory: there is less to win over a peer.
constexpr std::array kSpeedGoals{
    SpeedGoal{"decode", "smollm2-135m", 1.25, 0.80},
    SpeedGoal{"decode", "gemma3-270m", 1.25, 0.80},
    SpeedGoal{"decode", "qwen2.5-coder-0.5b", 1.25, 0.80},
    SpeedGoal{"decode", "qwen2.5-coder-1.5b", 1.0, 0.85},
    SpeedGoal{"prefill", "smollm2-135m", 2.0, 0.40},
    SpeedGoal{"prefill", "gemma3-270m", 2.0, 0.40},
    SpeedGoal{"prefill", "qwen2.5-coder-0.5b", 2.0, 0.40},
    SpeedGoal{"prefill", "qwen2.5-coder-1.5b", 2.0, 0.40},
};

}  // namespace

void set_speed_goals(std::string_view what, std::string_view model, Metric& metric) {
  double over_best = 1.0;
  for (const SpeedGoal& goal : kSpeedGoals) {
    if (goal.what != what || goal.model != model) continue;
    over_best = goal.over_best;
    metric.of_limit_min = goal.of_limit;
  }
  if (!metric.peers.empty()) metric.goal = Goal{GoalKind::ratio_at_least, over_best, {}};
}

}  // namespace plmm::bench
