// What counts as the right answer, and what looks like it and does not.
#include "eval/right.h"

#include <gtest/gtest.h>

#include <utility>

namespace plmm::eval {
namespace {

TEST(Right, stands_within_a_sentence_in_any_case) {
  const ExamQuestion question{"Who invented C?", {"Dennis Ritchie", "Ritchie"}, ""};
  EXPECT_TRUE(is_right("It was DENNIS RITCHIE, at Bell Labs.", question));
  EXPECT_TRUE(is_right("Ritchie!", question));
  EXPECT_FALSE(is_right("Dennis the menace", question));
  EXPECT_FALSE(is_right("", question));
}

TEST(Right, needs_whole_words_in_their_order) {
  EXPECT_FALSE(says("unlocked", "lock"));
  EXPECT_FALSE(says("a lock that is mutual", "mutual lock"));
  EXPECT_TRUE(says("a mutual (exclusion) lock", "mutual exclusion lock"));
}

TEST(Right, does_not_count_articles_accents_and_punctuation) {
  EXPECT_TRUE(says("The Art of Computer Programming", "art of the computer programming"));
  EXPECT_TRUE(says("caf\xC3\xA9", "cafe"));
  EXPECT_TRUE(says("Moore\xE2\x80\x99s law", "moore's Law"));
  EXPECT_TRUE(says("[an e-mail]", "email"));
  EXPECT_TRUE(says("client server", "client-server"));
}

TEST(Right, keeps_an_article_that_the_answer_ends_with) {
  EXPECT_TRUE(says("Carrots have vitamin A in them.", "Vitamin A"));
  EXPECT_FALSE(says("Lemons have vitamin C in them.", "Vitamin A"));
  EXPECT_TRUE(says("The grade is A.", "A"));
}

struct Pair {
  const char* text;
  const char* answer;
};

TEST(Right, takes_numbers_exactly) {
  for (const auto& [text, answer] :
       {Pair{"It is 1,000 euros.", "1000"}, Pair{"1000", "1,000"}, Pair{"1,234,567.", "1234567"},
        Pair{"5 percent", "5%"}, Pair{"802.11b", "802.11b"}, Pair{"at -40 degrees", "-40"}}) {
    EXPECT_TRUE(says(text, answer)) << text << " / " << answer;
  }
  for (const auto& [text, answer] :
       {Pair{"10000", "1000"}, Pair{"100", "1000"}, Pair{"1000.5", "1000"}, Pair{"-40", "40"},
        Pair{"5", "5%"}, Pair{"1,0000", "10000"}, Pair{"802.1", "802.11"},
        Pair{"1, 000", "1000"}}) {
    EXPECT_FALSE(says(text, answer)) << text << " / " << answer;
  }
  EXPECT_TRUE(says("in 1998-99", "1998"));
}

TEST(Right, tells_the_names_of_languages_apart) {
  EXPECT_TRUE(says("Written in C++.", "C++"));
  EXPECT_FALSE(says("Written in C.", "C++"));
  EXPECT_FALSE(says("Written in C++.", "C"));
  EXPECT_FALSE(says("Written in C#.", "C"));
  EXPECT_TRUE(says("a+b", "b"));
}

TEST(Right, finds_nothing_where_there_are_no_words) {
  EXPECT_FALSE(has_words(" ?! \xFF"));
  EXPECT_FALSE(says("anything ...", "..."));
  EXPECT_TRUE(has_words("\xC3\xA9"));
  EXPECT_TRUE(has_words("the"));
}

}  // namespace
}  // namespace plmm::eval
