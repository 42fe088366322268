// An index of token pairs, chained by place as in LZ77.
#include "infer/prompt_lookup.h"

#include <algorithm>

namespace plmm::infer {
namespace {

constexpr int kBucketBits = 13;  // 32 KiB; pairs that share a bucket are told apart by comparing
constexpr std::int32_t kNowhere = -1;

std::size_t bucket(text::TokenId first, text::TokenId second) {
  const auto pair = static_cast<std::uint64_t>(static_cast<std::uint32_t>(first)) << 32 |
                    static_cast<std::uint32_t>(second);
  return static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15ULL) >> (64 - kBucketBits));
}

/// Lengths of a match, each the least of its grade.
constexpr std::array<int, kGrades> kLengths{2, 3, 4, 5, 7, 10, 16, 32};

int grade_of(int match) {
  int grade = 0;
  while (grade + 1 < kGrades && match >= kLengths[static_cast<std::size_t>(grade) + 1]) ++grade;
  return grade;
}

}  // namespace

PromptLookup::PromptLookup() : latest_(std::size_t{1} << kBucketBits, kNowhere) {}

Acceptances PromptLookup::expected() const {
  return {0.15, 0.3,  0.4,  0.5,
          0.6,  0.75, 0.85, 0.9};  // low for short matches: prose is full of them
}

void PromptLookup::forget_behind(std::size_t n) {
  // Latest first, so that each bucket gets back what it held before.
  while (tokens_.size() > n) {
    const std::size_t place = tokens_.size() - 1;
    if (place > 0) latest_[bucket(tokens_[place - 1], tokens_[place])] = before_[place];
    tokens_.pop_back();
    before_.pop_back();
  }
}

void PromptLookup::add(text::TokenId token) {
  tokens_.push_back(token);
  before_.push_back(kNowhere);
  const std::size_t place = tokens_.size() - 1;
  if (place == 0) return;
  std::int32_t& latest = latest_[bucket(tokens_[place - 1], token)];
  before_[place] = latest;
  latest = static_cast<std::int32_t>(place);
}

/// Tokens that are equal up to and including places a < b.
int PromptLookup::match_length(std::size_t a, std::size_t b) const {
  const int most = static_cast<int>(std::min<std::size_t>(a + 1, kMatchMax));
  int n = 0;
  while (n < most &&
         tokens_[a - static_cast<std::size_t>(n)] == tokens_[b - static_cast<std::size_t>(n)])
    ++n;
  return n;
}

void PromptLookup::find() {
  match_ = 0;
  if (n_tokens_ < 2) return;
  const std::size_t end = n_tokens_ - 1;
  std::int32_t place = before_[end];
  for (int i = 0; i < kCandidatesMax && place != kNowhere && match_ < kMatchMax; ++i) {
    const auto at = static_cast<std::size_t>(place);
    const int match = match_length(at, end);
    if (match >= kMatchMin && match > match_) {
      match_ = match;
      source_ = at + 1;
    }
    place = before_[at];
  }
}

void PromptLookup::follow(std::span<const text::TokenId> tokens, const Sampler&) {
  tokens_.resize(n_tokens_);  // without the guesses, which were never indexed
  const auto [same, ignored] =
      std::mismatch(tokens_.begin(), tokens_.end(), tokens.begin(), tokens.end());
  forget_behind(static_cast<std::size_t>(same - tokens_.begin()));
  for (const text::TokenId token : tokens.subspan(tokens_.size())) add(token);
  n_tokens_ = tokens_.size();
  find();
}

std::optional<Guess> PromptLookup::next(const Cancel&) {
  if (match_ == 0) return std::nullopt;
  // The source may run into the guesses: what repeats goes on repeating.
  const Guess out{tokens_[source_++], grade_of(match_)};
  tokens_.push_back(out.token);
  ++match_;
  return out;
}

}  // namespace plmm::infer
