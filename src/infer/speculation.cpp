// Asks drafters, counts what came true, and tells the gate.
#include "infer/speculation.h"

#include <algorithm>
#include <chrono>

namespace plmm::infer {

void Speculation::add(std::unique_ptr<Drafter> drafter) {
  gate_.add_drafter(drafter->expected(), drafter->costs_time());
  sources_.push_back({std::move(drafter), {}});
}

void Speculation::begin() {
  settle();
  gate_.begin();
  proposed_.clear();
  for (Source& source : sources_) source.guesses.clear();
  n_proposed_ = 0;
  n_accepted_ = 0;
  first_ = true;
}

void Speculation::settle() {
  if (pass_s_ <= 0 || sources_.empty()) return;
  double guess_s = 0;
  for (const Source& source : sources_) guess_s += source.seconds;
  const auto n_verified = proposed_.size();
  gate_.settle({chosen_, static_cast<int>(n_verified),
                static_cast<int>(std::min(sources_[chosen_].n_right, n_verified)), guess_s,
                pass_s_});
  pass_s_ = 0;
}

bool Speculation::wants_more(std::size_t index, int n_unread) const {
  const auto& guesses = sources_[index].guesses;
  if (verify_ == Verify::all) return guesses.size() < SpeculationGate::kGuessesMax;
  return gate_.wants_more(index, guesses, n_unread);
}

void Speculation::guess(std::size_t index, std::span<const text::TokenId> tokens,
                        const Sampler& sampler, int n_max, const Cancel& cancel) {
  Source& source = sources_[index];
  source.drafter->follow(tokens, sampler);
  // What stands before an answer is read without weighing: who has a drafter that reads wants it.
  if (first_) source.drafter->read(cancel);
  const int n_unread = source.drafter->n_unread();
  const auto start = std::chrono::steady_clock::now();
  while (static_cast<int>(source.guesses.size()) < n_max && wants_more(index, n_unread)) {
    const auto next = source.drafter->next(cancel);
    if (!next) break;
    source.guesses.push_back(*next);
  }
  if (!source.drafter->costs_time() || source.guesses.empty()) return;
  source.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  gate_.guessed(index, static_cast<int>(source.guesses.size()), n_unread, source.seconds);
}

std::span<const text::TokenId> Speculation::propose(std::span<const text::TokenId> tokens,
                                                    const Sampler& sampler, int n_max,
                                                    const Cancel& cancel) {
  settle();
  for (Source& source : sources_) {
    source.guesses.clear();
    source.n_right = 0;
    source.refuted = false;
    source.seconds = 0;
  }
  proposed_.clear();
  SpeculationGate::Choice best;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].drafter->costs_time() && best.n > 0 && best.rate > gate_.usual_rate(i))
      continue;
    guess(i, tokens, sampler, n_max, cancel);
    auto choice = gate_.choose(i, sources_[i].guesses);
    if (verify_ == Verify::all) {
      const int n = static_cast<int>(sources_[i].guesses.size());
      choice = {n, static_cast<double>(n)};
    }
    if (choice.n == 0 || choice.rate <= best.rate) continue;
    best = choice;
    chosen_ = i;
  }
  first_ = false;
  for (int i = 0; i < best.n; ++i)
    proposed_.push_back(sources_[chosen_].guesses[static_cast<std::size_t>(i)].token);
  n_proposed_ += best.n;
  return proposed_;
}

void Speculation::passed(double seconds) { pass_s_ = seconds; }

bool Speculation::drew(text::TokenId token) {
  bool accepted = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    Source& source = sources_[i];
    if (source.refuted || source.n_right >= source.guesses.size()) continue;
    const Guess& guess = source.guesses[source.n_right];
    const bool came_true = guess.token == token;
    gate_.judge(i, guess, came_true);
    source.refuted = !came_true;
    if (!came_true) continue;
    ++source.n_right;
    accepted = accepted || (i == chosen_ && source.n_right <= proposed_.size());
  }
  if (accepted) ++n_accepted_;
  return accepted;
}

}  // namespace plmm::infer
