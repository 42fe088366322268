// What plmm eval prints: a table for people, an object a line for programs.
#pragma once

#include <span>
#include <string>

#include "measure/metrics.h"

namespace plmm::cli {

/// Who was measured, as a person calls it.
struct Measured {
  std::string model;
  std::string adapter;  // empty: none
};

std::string eval_text(const std::string& file, const Measured& ours, const Measured* other,
                      std::span<const measure::Metric> metrics);
/// docs/formats/eval.md
std::string eval_json(const std::string& file, const Measured& ours, const Measured* other,
                      std::span<const measure::Metric> metrics);

}  // namespace plmm::cli
