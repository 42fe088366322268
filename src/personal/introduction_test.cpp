// Tests of names in what a new user types.
#include "personal/introduction.h"

#include <gtest/gtest.h>

namespace plmm::personal {
namespace {

std::string name_of(std::string line) {
  const auto told = introduction_in(Personal(std::move(line)));
  return told ? told->name.reveal(Purpose::show_owner) : "(none)";
}

TEST(Introduction, takes_a_name_as_it_is) {
  EXPECT_EQ(name_of("Ada"), "Ada");
  EXPECT_EQ(name_of("  Ada Lovelace "), "Ada Lovelace");
  EXPECT_EQ(name_of("María José de la Cruz"), "(none)") << "five words are a sentence";
  EXPECT_EQ(name_of("Zoë Strauß-Kılıç"), "Zoë Strauß-Kılıç");
  EXPECT_EQ(name_of("李小龍"), "李小龍");
}

TEST(Introduction, leaves_out_the_words_in_front_of_a_name) {
  EXPECT_EQ(name_of("I'm Ada."), "Ada");
  EXPECT_EQ(name_of("my name is Ada Lovelace!"), "Ada Lovelace");
  EXPECT_EQ(name_of("Hello, I am Ada"), "Ada");
  EXPECT_EQ(name_of("You can call me Ishmael"), "Ishmael");
  EXPECT_EQ(name_of("Ich heiße Ada"), "Ada");
}

TEST(Introduction, ends_a_name_at_a_comma_and_says_that_there_is_more) {
  const auto told = introduction_in(Personal<std::string>("Hi, I'm Mira, I teach geology"));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name.reveal(Purpose::show_owner), "Mira");
  EXPECT_TRUE(told->says_more);
  EXPECT_FALSE(introduction_in(Personal<std::string>("I'm Mira."))->says_more);
}

TEST(Introduction, takes_nothing_else_for_a_name) {
  EXPECT_EQ(name_of(""), "(none)");
  EXPECT_EQ(name_of("   "), "(none)");
  EXPECT_EQ(name_of("I am"), "I am") << "cut white space leaves no lead";
  EXPECT_EQ(name_of("my name is ..."), "(none)");
  EXPECT_EQ(name_of("What is a mutex?"), "(none)");
  EXPECT_EQ(name_of("/help"), "(none)");
  EXPECT_EQ(name_of("write a poem about the sea for me"), "(none)");
  EXPECT_EQ(name_of("two\nlines"), "(none)");
  EXPECT_EQ(name_of(std::string("A\xff")), "(none)");
  EXPECT_EQ(name_of(std::string(5000, 'a')), "(none)");
}

}  // namespace
}  // namespace plmm::personal
