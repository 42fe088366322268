// Costs and acceptances, smoothed, and the number of guesses that follows from them.
#include "infer/speculation_gate.h"

#include <algorithm>

#include "base/check.h"

namespace plmm::infer {
namespace {

// Weights of a new value in the exponential averages.
constexpr double kNewSingle = 0.1;
constexpr double kNewRatio = 0.15;
constexpr double kNewDrift = 0.03;  // of the single pass, from a pass over more rows
constexpr double kNewAcceptance = 0.05;
constexpr double kNewRate = 0.1;
constexpr double kPriorJudged = 4;  // what was expected counts as this many judged guesses
// A single reading is never trusted further than this: another process may have had the core.
constexpr double kOutlier = 2.0;
constexpr double kExpectedStep = 0.1;  // a row more, in passes over one row, before it is measured
constexpr int kTryAgain = 32;          // passes without a guess
constexpr double kClearGain = 1.02;    // a smaller one is noise
// A token that is only read costs this much of a guess: many go through one pass.
constexpr double kReadShare = 0.12;
constexpr double kGuessExpected = 0.5;  // passes of the main model, before it is measured

void blend(double& value, double reading, double weight) { value += (reading - value) * weight; }

double expected_ratio(int rows) { return 1.0 + kExpectedStep * (rows - 1); }

}  // namespace

void SpeculationGate::add_drafter(const Acceptances& expected, bool costs_time) {
  DrafterRecord record;
  record.acceptance = expected;
  for (const double share : expected) record.mean += share / kGrades;
  record.costs_time = costs_time;
  drafters_.push_back(record);
  begin();
}

void SpeculationGate::begin() {
  const bool costly = std::ranges::any_of(drafters_, &DrafterRecord::costs_time);
  balance_ = costly ? kStartPassesCostly : kStartPasses;
}

double SpeculationGate::ratio(int rows) const {
  const double measured = ratio_[static_cast<std::size_t>(rows)];
  return measured > 0 ? measured : 1.0 + slope_ * (expected_ratio(rows) - 1.0);
}

double SpeculationGate::pass_s(int rows) const { return single_s_ * ratio(rows); }

double SpeculationGate::loss(int n_verified, double guess_s) const {
  return ratio(1 + n_verified) - 1.0 + guess_s / single_s_;
}

SpeculationGate::Choice SpeculationGate::choose(std::size_t drafter,
                                                std::span<const Guess> guesses) const {
  Choice out;
  if (single_s_ <= 0) return out;
  out.rate = 1.0 / single_s_;
  const double least = out.rate * kClearGain;
  double reach = 1.0;     // probability that all guesses so far come true
  double expected = 1.0;  // tokens
  const int n_max = std::min(static_cast<int>(guesses.size()), kGuessesMax);
  for (int n = 1; n <= n_max; ++n) {
    reach *= acceptance(drafter, guesses[static_cast<std::size_t>(n) - 1].grade);
    expected += reach;
    if (loss(n, 0) > balance_) break;
    const double rate = expected / pass_s(1 + n);
    if (rate > least && rate > out.rate) out = {n, rate};
  }
  return out;
}

bool SpeculationGate::wants_more(std::size_t drafter, std::span<const Guess> guesses,
                                 int n_unread) const {
  const auto n = static_cast<int>(guesses.size());
  const DrafterRecord& record = drafters_[drafter];
  if (n >= kGuessesMax || single_s_ <= 0) return false;
  if (!record.costs_time) return true;
  const double each = record.guess_s > 0 ? record.guess_s : kGuessExpected * single_s_;
  const double read = n == 0 ? n_unread * kReadShare * each : 0;
  if (loss(n + 1, (n + 1) * each + read) > balance_) return false;
  double reach = 1.0;
  double expected = 1.0;
  for (const Guess& guess : guesses) {
    reach *= acceptance(drafter, guess.grade);
    expected += reach;
  }
  const double so_far = expected / (pass_s(1 + n) + n * each);
  const double more_s = pass_s(2 + n) - pass_s(1 + n) + each;
  // From time to time the balance buys a try even where none seems to pay: texts change.
  const bool try_again = n == 0 && record.n_idle >= kTryAgain;
  return try_again || reach * record.mean / more_s > so_far * kClearGain;
}

void SpeculationGate::measure(int rows, double seconds) {
  if (seconds <= 0) return;
  if (single_s_ <= 0) {
    single_s_ = seconds / ratio(rows);
    return;
  }
  const double expected = pass_s(rows);
  const double reading = std::clamp(seconds, expected / kOutlier, expected * kOutlier);
  if (rows == 1) return blend(single_s_, reading, kNewSingle);
  const double relative = reading / single_s_;
  double& known = ratio_[static_cast<std::size_t>(rows)];
  if (known <= 0) known = ratio(rows);
  blend(known, std::max(relative, 1.0), kNewRatio);
  blend(slope_, (std::max(relative, 1.0) - 1.0) / (expected_ratio(rows) - 1.0), kNewRatio);
  blend(single_s_, single_s_ * reading / expected, kNewDrift);
}

void SpeculationGate::guessed(std::size_t drafter, int n, int n_read, double seconds) {
  drafters_[drafter].n_idle = 0;
  double& known = drafters_[drafter].guess_s;
  const double each = seconds / (n + n_read * kReadShare);
  blend(known, known > 0 ? std::min(each, known * kOutlier) : each, known > 0 ? kNewSingle : 1.0);
}

void SpeculationGate::settle(const Round& round) {
  CHECK(round.n_verified >= 0 && round.n_verified <= kGuessesMax);
  measure(1 + round.n_verified, round.pass_s);
  if (single_s_ <= 0) return;
  for (DrafterRecord& record : drafters_) ++record.n_idle;
  if (round.n_verified == 0) {
    balance_ += kShare - round.guess_s / single_s_;
  } else {
    const double rate = (1 + round.n_true) / (pass_s(1 + round.n_verified) + round.guess_s);
    double& usual = drafters_[round.drafter].rate;
    blend(usual, rate, usual > 0 ? kNewRate : 1.0);
    balance_ += round.n_true - loss(round.n_verified, round.guess_s);
  }
  balance_ = std::min(balance_, kMostPasses);
}

void SpeculationGate::judge(std::size_t drafter, const Guess& guess, bool came_true) {
  DrafterRecord& record = drafters_[drafter];
  const auto grade = static_cast<std::size_t>(guess.grade);
  const double reading = came_true ? 1.0 : 0.0;
  const double weight = std::max(kNewAcceptance, 1.0 / (++record.n_judged[grade] + kPriorJudged));
  blend(record.acceptance[grade], reading, weight);
  blend(record.mean, reading, kNewAcceptance);
}

}  // namespace plmm::infer
