// How far a mean can be trusted, and whether two models differ: by drawing the same data anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "eval/score.h"

namespace plmm::eval {

/// What was measured together and is drawn together: a question, a document, a window of a text.
struct Unit {
  double sum = 0;  // such as nats
  double n = 0;    // such as tokens
};

/// Σ sum / Σ n; 0 where Σ n is 0.
double mean_of(std::span<const Unit> units);

/// Where the mean lies in 95 % of 2,000 samples of the units, drawn with replacement; it holds
/// mean_of(). Nothing for fewer than two units. For a difference of two models the units have its
/// sums: then it is paired. The same units and seed give the same bits.
/// Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
std::optional<Interval> bootstrap_interval(std::span<const Unit> units, std::uint64_t seed);

/// The probability, 0 … 1, that questions which only one of two models answered right fall as
/// unevenly as these if both are equally good: the exact, two-sided test.
/// Source: McNemar, Psychometrika 12 (1947).
double mcnemar_p(std::size_t n_only_first, std::size_t n_only_second);

}  // namespace plmm::eval
