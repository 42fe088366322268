// Speculative decoding: guesses are verified many at a time, and only as many as pay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "infer/drafter.h"
#include "infer/speculation_gate.h"

namespace plmm::infer {

/// Drafters and the gate of one session. The text is that of plain decoding, whatever the sampler:
/// a guess counts only if it is the token that the sampler draws from the model's own logits, and
/// those are the same bits in a pass over many rows. Only time is at stake, and the gate bounds it.
class Speculation {
 public:
  /// all: whatever the drafters guess is verified, whether it pays or not. For tests.
  enum class Verify : std::uint8_t { what_pays, all };
  explicit Speculation(Verify verify = Verify::what_pays) : verify_(verify) {}

  /// In the order of adding: the first ones are asked first. A free one pays off only in texts that
  /// repeat; one that costs time is asked where no free one promises more.
  void add(std::unique_ptr<Drafter> drafter);

  /// A new answer begins; counts start anew.
  void begin();
  /// At most n_max guesses of what follows `tokens`; none where no guess pays. To be verified by a
  /// pass over the last of `tokens` and them.
  std::span<const text::TokenId> propose(std::span<const text::TokenId> tokens,
                                         const Sampler& sampler, int n_max, const Cancel& cancel);
  /// The seconds of that pass.
  void passed(double seconds);
  /// The token that was drawn from the next row of the last pass. True: it was the guess, so that
  /// the row behind it is computed.
  bool drew(text::TokenId token);

  /// Of this answer.
  int n_proposed() const { return n_proposed_; }
  int n_accepted() const { return n_accepted_; }
  const SpeculationGate& gate() const { return gate_; }

 private:
  struct Source {
    std::unique_ptr<Drafter> drafter;
    std::vector<Guess> guesses;
    std::size_t n_right = 0;  // leading guesses that came true
    bool refuted = false;     // by a token that was drawn
    double seconds = 0;       // that the guesses took
  };
  void settle();
  bool wants_more(std::size_t index, int n_unread) const;
  void guess(std::size_t index, std::span<const text::TokenId> tokens, const Sampler& sampler,
             int n_max, const Cancel& cancel);

  Verify verify_;
  std::vector<Source> sources_;
  SpeculationGate gate_;
  std::size_t chosen_ = 0;               // source of the guesses in the pass
  std::vector<text::TokenId> proposed_;  // those in the pass
  double pass_s_ = 0;                    // 0: no pass to settle
  bool first_ = true;                    // no guess was asked for in this answer
  int n_proposed_ = 0;
  int n_accepted_ = 0;
};

}  // namespace plmm::infer
