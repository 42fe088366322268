// Guesses that copy: what followed the last time the sequence read as it does now.
#pragma once

#include <cstdint>
#include <vector>

#include "infer/drafter.h"

namespace plmm::infer {

/// Finds the longest earlier match of the sequence's end, at least kMatchMin tokens and among
/// equals the latest, and guesses what stood behind it. Good at edits, quotes, code and lists. Each
/// token is indexed once; a lookup compares at most kCandidatesMax places.
class PromptLookup : public Drafter {
 public:
  static constexpr int kMatchMin = 2;
  static constexpr int kMatchMax = 32;       // longer matches are no surer
  static constexpr int kCandidatesMax = 32;  // the latest ones

  PromptLookup();

  void follow(std::span<const text::TokenId> tokens, const Sampler& sampler) override;
  std::optional<Guess> next(const Cancel& cancel) override;
  int n_unread() const override { return 0; }
  void read(const Cancel&) override {}
  bool costs_time() const override { return false; }
  Acceptances expected() const override;

 private:
  void forget_behind(std::size_t n);
  void add(text::TokenId token);
  int match_length(std::size_t a, std::size_t b) const;
  void find();

  std::vector<text::TokenId> tokens_;  // the sequence, then the guesses
  std::size_t n_tokens_ = 0;           // of the sequence
  // Places by the pair of tokens that ends there, hashed: the latest, and before each one the one
  // before it.
  std::vector<std::int32_t> latest_;
  std::vector<std::int32_t> before_;
  std::size_t source_ = 0;  // place of the next token to copy
  int match_ = 0;           // tokens that match before it; 0: nothing found
};

}  // namespace plmm::infer
