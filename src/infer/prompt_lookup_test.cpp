// Tests of prompt lookup: what is found, and that the index follows a sequence that changes.
#include "infer/prompt_lookup.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace plmm::infer {
namespace {

using Tokens = std::vector<text::TokenId>;

Tokens letters(std::string_view text) { return Tokens(text.begin(), text.end()); }

/// At most n guesses behind a text of one letter a token.
std::string guesses(PromptLookup& lookup, std::string_view text, int n) {
  lookup.follow(letters(text), Sampler({}));
  std::string out;
  for (int i = 0; i < n; ++i) {
    const auto guess = lookup.next(Cancel());
    if (!guess) break;
    out += static_cast<char>(guess->token);
  }
  return out;
}

int first_grade(std::string_view text) {
  PromptLookup lookup;
  lookup.follow(letters(text), Sampler({}));
  const auto guess = lookup.next(Cancel());
  return guess ? guess->grade : -1;
}

TEST(PromptLookup, guesses_what_followed_the_same_words) {
  PromptLookup lookup;
  EXPECT_EQ(guesses(lookup, "the cat sat; the c", 6), "at sat");
}

TEST(PromptLookup, has_no_idea_where_nothing_repeats) {
  PromptLookup lookup;
  EXPECT_EQ(guesses(lookup, "", 4), "");
  EXPECT_EQ(guesses(lookup, "a", 4), "");
  EXPECT_EQ(guesses(lookup, "abcdef", 4), "");
  EXPECT_EQ(guesses(lookup, "abcdea", 4), "") << "one equal token is no match";
}

TEST(PromptLookup, takes_the_longest_match_and_of_equals_the_latest) {
  PromptLookup lookup;
  EXPECT_EQ(guesses(lookup, "xabc1 yabc2 zbc3 yabc", 1), "2");
  EXPECT_EQ(guesses(lookup, "abc1 abc2 abc3 abc", 1), "3");
}

TEST(PromptLookup, goes_on_with_what_repeats_beyond_the_end) {
  PromptLookup lookup;
  EXPECT_EQ(guesses(lookup, "ababab", 7), "abababa");
  EXPECT_EQ(guesses(lookup, "zzz", 5), "zzzzz");
}

TEST(PromptLookup, grades_rise_with_the_match_and_with_each_guess_in_it) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
  int before = -1;
  for (const std::size_t n : {2U, 3U, 5U, 8U, 12U, 20U, 40U}) {
    const int grade = first_grade(text + "|" + text.substr(0, n));
    EXPECT_GT(grade, before) << n;
    EXPECT_LT(grade, kGrades);
    before = grade;
  }
  PromptLookup lookup;
  lookup.follow(letters(text + "|01"), Sampler({}));
  int last = 0;
  for (int i = 0; i < 40; ++i) {
    const auto guess = lookup.next(Cancel());
    ASSERT_TRUE(guess);
    EXPECT_GE(guess->grade, last);
    last = guess->grade;
  }
  EXPECT_EQ(last, kGrades - 1);
}

TEST(PromptLookup, follows_a_sequence_that_grows_changes_and_shrinks) {
  // Whatever it followed before, it guesses as a fresh one does.
  Rng rng(3);
  PromptLookup used;
  Tokens sequence;
  for (int step = 0; step < 2000; ++step) {
    if (rng.below(20) == 0) sequence.resize(rng.below(sequence.size() + 1));
    const auto n = 1 + rng.below(4);
    for (std::uint64_t i = 0; i < n; ++i)
      sequence.push_back(static_cast<text::TokenId>(rng.below(5)));
    PromptLookup fresh;
    used.follow(sequence, Sampler({}));
    fresh.follow(sequence, Sampler({}));
    const auto n_guesses = rng.below(6);
    for (std::uint64_t i = 0; i < n_guesses; ++i) {
      const auto got = used.next(Cancel());
      const auto want = fresh.next(Cancel());
      ASSERT_EQ(got.has_value(), want.has_value()) << "step " << step;
      if (!got) break;
      ASSERT_EQ(got->token, want->token) << "step " << step;
      ASSERT_EQ(got->grade, want->grade) << "step " << step;
    }
    if (sequence.size() > 300) sequence.clear();
  }
}

}  // namespace
}  // namespace plmm::infer
