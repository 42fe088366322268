// Decides how many guesses are worth verifying, so that speculation is never slower than decoding
// without it. Pure: all times are passed in.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "infer/drafter.h"

namespace plmm::infer {

/// Knows two things, both measured and smoothed: what a pass over n rows costs against one over a
/// single row, and how often guesses of each drafter and grade come true. From these follows how
/// many guesses give the most tokens a second.
/// What may be lost is bounded whatever was believed: a balance, in seconds, starts at
/// kStartPasses single-row passes, grows by kShare of the time of each pass without guesses and by
/// what speculation gained, up to kMostPasses, and pays for what it lost. Nothing is tried that the
/// balance could not pay if every guess were wrong.
class SpeculationGate {
 public:
  static constexpr int kGuessesMax = 15;
  static constexpr int kRowsMax = kGuessesMax + 1;
  static constexpr double kShare = 0.01;
  static constexpr double kStartPasses = 0.5;
  /// Where a drafter costs time: enough for a first guess or two of a model half as large.
  static constexpr double kStartPassesCostly = 3.0;
  static constexpr double kMostPasses = 8.0;

  /// The drafter of that index, in the order of calls.
  void add_drafter(const Acceptances& expected, bool costs_time);
  /// A new answer: the balance is that of a start, what was measured stays.
  void begin();

  struct Choice {
    int n = 0;        // guesses to verify
    double rate = 0;  // tokens a second to expect
  };
  /// Of guesses that are there.
  Choice choose(std::size_t drafter, std::span<const Guess> guesses) const;
  /// Whether one more guess is worth the time it takes. n_unread: Drafter::n_unread() of the first.
  bool wants_more(std::size_t drafter, std::span<const Guess> guesses, int n_unread) const;
  /// Tokens a second of this drafter's guesses of late; 0 before the first.
  double usual_rate(std::size_t drafter) const { return drafters_[drafter].rate; }

  /// A drafter has read n_read tokens and made n guesses.
  void guessed(std::size_t drafter, int n, int n_read, double seconds);
  /// A pass over 1 + n_verified rows, whose guesses were `drafter`'s and of which n_true came true.
  struct Round {
    std::size_t drafter = 0;
    int n_verified = 0;
    int n_true = 0;
    double guess_s = 0;  // for all guesses before the pass, also those not verified
    double pass_s = 0;
  };
  void settle(const Round& round);
  /// Whether a guess came true, all those before it having done so.
  void judge(std::size_t drafter, const Guess& guess, bool came_true);

  /// Seconds of a pass; 0 before the first was measured.
  double pass_s(int rows) const;
  double acceptance(std::size_t drafter, int grade) const {
    return drafters_[drafter].acceptance[static_cast<std::size_t>(grade)];
  }
  double balance_s() const { return balance_ * single_s_; }

 private:
  struct DrafterRecord {
    Acceptances acceptance{};
    std::array<int, kGrades> n_judged{};
    double mean = 0;     // acceptance whatever the grade
    double guess_s = 0;  // of one guess; 0: not measured
    double rate = 0;
    int n_idle = 0;  // passes since its last guess
    bool costs_time = false;
  };

  void measure(int rows, double seconds);
  double ratio(int rows) const;
  /// Single-row passes that are lost if no guess comes true.
  double loss(int n_verified, double guess_s) const;

  std::vector<DrafterRecord> drafters_;
  double single_s_ = 0;                       // a pass over one row
  std::array<double, kRowsMax + 1> ratio_{};  // pass over n rows / over one; 0: not measured
  double slope_ = 1;                          // of the ratios measured, against those expected
  double balance_ = 0;                        // in passes over one row
};

}  // namespace plmm::infer
