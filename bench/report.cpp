// Goals judged, and metrics written for people and programs.
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace plmm::bench {
namespace {

/// Enough digits to compare runs, not more: 0.000123, 0.97, 12.3, 1234.
std::string digits(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 1000) return fmt::format("{:.0f}", value);
  if (size >= 1e-3) return fmt::format("{:.4g}", value);
  return fmt::format("{:.2e}", value);
}

std::string rule(const Metric& metric) {
  std::string out;
  if (metric.goal) {
    const Goal& goal = *metric.goal;
    const std::string peer = goal.peer.empty() ? "the best peer" : goal.peer;
    if (goal.kind == GoalKind::value_at_most) out = fmt::format("<= {}", digits(goal.bound));
    if (goal.kind == GoalKind::value_at_least) out = fmt::format(">= {}", digits(goal.bound));
    if (goal.kind == GoalKind::ratio_at_least) {
      out = metric.better == Better::more ? fmt::format(">= {} x {}", digits(goal.bound), peer)
                                          : fmt::format("<= {} x {}", digits(1 / goal.bound), peer);
    }
  }
  if (metric.of_limit_min) {
    out +=
        fmt::format("{}>= {:.0f} % of limit", out.empty() ? "" : ", ", 100 * *metric.of_limit_min);
  }
  return out;
}

bool goal_holds(const Metric& metric, const Goal& goal) {
  if (goal.kind == GoalKind::value_at_most) return metric.value <= goal.bound;
  if (goal.kind == GoalKind::value_at_least) return metric.value >= goal.bound;
  if (goal.peer.empty()) {
    const PeerValue* best = best_peer(metric);
    return best != nullptr && ratio_over(metric, best->value) >= goal.bound;
  }
  const auto peer = std::ranges::find(metric.peers, goal.peer, &PeerValue::name);
  return peer != metric.peers.end() && ratio_over(metric, peer->value) >= goal.bound;
}

}  // namespace

double ratio_over(const Metric& metric, double peer) {
  const bool more = metric.better == Better::more;
  return more ? metric.value / peer : peer / metric.value;
}

const PeerValue* best_peer(const Metric& metric) {
  const auto hardest = std::ranges::min_element(
      metric.peers, {}, [&](const PeerValue& peer) { return ratio_over(metric, peer.value); });
  return hardest == metric.peers.end() ? nullptr : &*hardest;
}

bool holds(const Metric& metric) {
  if (metric.goal && !goal_holds(metric, *metric.goal)) return false;
  return !metric.of_limit_min || metric.of_limit.value_or(0) >= *metric.of_limit_min;
}

std::string json_line(std::string_view suite, const Metric& metric) {
  const PeerValue* best = best_peer(metric);
  nlohmann::ordered_json line;
  line["suite"] = suite;
  line["metric"] = metric.name;
  line["value"] = metric.value;
  line["unit"] = metric.unit;
  line["goal"] = nullptr;
  line["peer"] = nullptr;
  line["ratio"] = nullptr;
  line["ok"] = holds(metric);
  if (metric.goal) line["goal"] = metric.goal->bound;
  if (const auto text = rule(metric); !text.empty()) line["rule"] = text;
  if (best != nullptr) {
    line["peer"] = best->value;
    line["ratio"] = ratio_over(metric, best->value);
    line["peer_name"] = best->name;
    for (const PeerValue& peer : metric.peers) line["peers"][peer.name] = peer.value;
  }
  if (metric.of_limit) line["of_limit"] = *metric.of_limit;
  if (!metric.note.empty()) line["note"] = metric.note;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string text_line(const Metric& metric) {
  std::string out =
      fmt::format("{:<32} {:>9} {:<7}", metric.name, digits(metric.value), metric.unit);
  if (metric.of_limit) out += fmt::format("  {:>3.0f} % of limit", 100 * *metric.of_limit);
  for (const PeerValue& peer : metric.peers) {
    out += fmt::format("  {:.2f} x {} ({})", ratio_over(metric, peer.value), peer.name,
                       digits(peer.value));
  }
  if (const auto text = rule(metric); !text.empty())
    out += fmt::format("  {} (goal {})", holds(metric) ? "ok" : "MISSED", text);
  if (!metric.note.empty()) out += fmt::format("  {}", metric.note);
  return out;
}

void Report::add(const Metric& metric) {
  missed_ = missed_ || !holds(metric);
  output_.answer(options_.json ? json_line(options_.suite, metric) : text_line(metric));
}

}  // namespace plmm::bench
