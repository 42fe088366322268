// Figures in lines.
#include "apps/plmm/eval_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/plmm/terminal/format.h"

namespace plmm::cli {
namespace {

using measure::Metric;
using measure::Verdict;
using Json = nlohmann::ordered_json;

std::string label(const Measured& measured) {
  if (measured.adapter.empty()) return measured.model;
  return fmt::format("{} + {}", measured.model, measured.adapter);
}

/// Four digits that count, three behind the point of shares and bits.
std::string number(const Metric& metric, double value) {
  if (metric.name != "perplexity" || value < 10) return fmt::format("{:.3f}", value);
  return value < 1000 ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
}

std::string items_of(const Metric& metric) {
  const bool one = metric.n_items == 1;
  if (metric.kind == "choices")
    return fmt::format("{} {} with choices", terminal::thousands(metric.n_items),
                       one ? "question" : "questions");
  if (metric.kind == "questions")
    return fmt::format("{} {}", terminal::thousands(metric.n_items),
                       one ? "question" : "questions");
  const std::string_view kind = metric.kind == "texts" ? "text" : "chat";
  return fmt::format("{} {}{}, {} tokens predicted", terminal::thousands(metric.n_items), kind,
                     one ? "" : "s", terminal::thousands(metric.n_counted));
}

std::string range_text(const Metric& metric, const std::optional<eval::Interval>& interval) {
  if (!interval) return "(too little data for a range)";
  return fmt::format("{} to {}", number(metric, interval->low), number(metric, interval->high));
}

std::string change_text(const Metric& metric, const measure::Comparison& comparison) {
  if (!comparison.change) return "other tokens: see bits_per_byte";
  const auto one = [&](double value) {
    return metric.name == "perplexity" ? fmt::format("{:+.1f} %", 100 * (value - 1))
                                       : fmt::format("{:+.3f}", value);
  };
  const auto& [value, interval] = *comparison.change;
  std::string out = one(value);
  if (interval) out += fmt::format(" ({} to {})", one(interval->low), one(interval->high));
  return out;
}

std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::undecided:
      break;
  }
  return "not shown to differ";
}

std::string comparison_text(const Metric& metric) {
  const auto& comparison = *metric.comparison;
  auto out = fmt::format("      against     {:>8}  {}", number(metric, comparison.value),
                         change_text(metric, comparison));
  if (comparison.p) {
    out += *comparison.p < 0.001 ? ", p < 0.001" : fmt::format(", p {:.2g}", *comparison.p);
  }
  return fmt::format("{}: {}\n", out, verdict_text(comparison.verdict));
}

Json interval_or_null(const std::optional<eval::Interval>& interval,
                      double eval::Interval::* side) {
  if (!interval) return nullptr;
  return (*interval).*side;
}

Json subject_json(const Measured& measured) {
  Json out{{"model", measured.model}, {"adapter", nullptr}};
  if (!measured.adapter.empty()) out["adapter"] = measured.adapter;
  return out;
}

Json against_json(const Metric& metric, const Measured& other) {
  const auto& comparison = *metric.comparison;
  Json out = subject_json(other);
  out["value"] = comparison.value;
  const std::string change = metric.name == "perplexity" ? "ratio" : "difference";
  out[change] = nullptr;
  out["low"] = out["high"] = nullptr;
  if (comparison.change) {
    out[change] = comparison.change->value;
    out["low"] = interval_or_null(comparison.change->interval, &eval::Interval::low);
    out["high"] = interval_or_null(comparison.change->interval, &eval::Interval::high);
  }
  if (comparison.p) out["p"] = *comparison.p;
  out["verdict"] =
      comparison.verdict == Verdict::undecided ? "undecided" : verdict_text(comparison.verdict);
  return out;
}

}  // namespace

std::string eval_text(const std::string& file, const Measured& ours, const Measured* other,
                      std::span<const Metric> metrics) {
  std::string out = fmt::format("{}\n  {}", file, label(ours));
  if (other != nullptr) out += fmt::format(" against {}", label(*other));
  out += "\n";
  std::string_view kind;
  for (const Metric& metric : metrics) {
    if (metric.kind != kind) out += fmt::format("  {}\n", items_of(metric));
    kind = metric.kind;
    out += fmt::format("    {:<13} {:>8}  {}\n", metric.name, number(metric, metric.estimate.value),
                       range_text(metric, metric.estimate.interval));
    if (metric.comparison) out += comparison_text(metric);
  }
  return out;
}

std::string eval_json(const std::string& file, const Measured& ours, const Measured* other,
                      std::span<const Metric> metrics) {
  std::string out;
  for (const Metric& metric : metrics) {
    Json line{{"file", file}, {"kind", metric.kind}, {"metric", metric.name}};
    line.update(subject_json(ours));
    line["value"] = metric.estimate.value;
    line["low"] = interval_or_null(metric.estimate.interval, &eval::Interval::low);
    line["high"] = interval_or_null(metric.estimate.interval, &eval::Interval::high);
    line["n"] = metric.n_items;
    const auto* counted = metric.is_share()             ? "right"
                          : metric.name == "perplexity" ? "tokens"
                                                        : "bytes";
    line[counted] = metric.n_counted;
    if (metric.comparison && other != nullptr) line["against"] = against_json(metric, *other);
    out += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return out;
}

}  // namespace plmm::cli
