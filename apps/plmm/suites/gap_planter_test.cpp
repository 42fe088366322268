// Planted gaps of the loop suite.
#include "apps/plmm/suites/gap_planter.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plmm::suites {
namespace {

std::string words(int n, const std::string& word) {
  std::string out;
  for (int i = 0; i < n; ++i) out += word + std::to_string(i) + " ";
  return out + ".";
}

TEST(GapPlanter, withholds_as_many_sections_as_were_asked_for_and_none_that_is_asked_about) {
  GapPlanter planter;
  for (int i = 0; i < 40; ++i) {
    const auto name = "Entry" + std::to_string(i);
    planter.add({name, name, words(40, name + "word")});
  }
  planter.add({"short", "short", "too short to ask about"});
  planter.add({"twice", "twice", words(50, "first")});
  planter.add({"twice", "other", words(50, "between")});
  planter.add({"twice", "twice", words(50, "second")});
  planter.add({"Unix", "Unix", words(50, "system")});
  planter.add({"Thompson", "Thompson", words(50, "it") + " Ken Thompson did it."});
  const auto questions =
      parse_loop_questions(R"({"kind":"it","question":"Who wrote Unix?","answers":["Ken )"
                           R"(Thompson"],"source":"Unix"})")
          .value();
  auto again = planter;
  const auto planted = std::move(planter).plant(20, 7, questions);
  ASSERT_TRUE(planted) << planted.error().what;
  EXPECT_EQ(planted->withheld.size(), 20U);
  EXPECT_EQ(planted->kept.size(), 26U);
  for (const auto& section : planted->withheld) {
    EXPECT_TRUE(section.title.starts_with("Entry") || section.title == "other") << section.title;
    EXPECT_EQ(std::ranges::find(planted->kept, section), planted->kept.end());
  }
  EXPECT_EQ(std::move(again).plant(20, 7, questions)->withheld, planted->withheld);
}

TEST(GapPlanter, says_how_many_sections_there_are_when_they_are_too_few) {
  GapPlanter planter;
  planter.add({"one", "one", words(40, "word")});
  const auto planted = std::move(planter).plant(20, 7, {});
  ASSERT_FALSE(planted);
  EXPECT_TRUE(planted.error().what.contains("1 sections")) << planted.error().what;
}

TEST(GapPlanter, keeps_what_stands_under_each_heading_together) {
  GapPlanter planter;
  planter.add({"guide", "Guide",
               "# Bonds\n\n" + words(150, "a") + "\n\n" + words(150, "b") + "\n\n# Shares\n\n" +
                   words(40, "c")});
  const auto planted = std::move(planter).plant(0, 7, {});
  ASSERT_TRUE(planted);
  ASSERT_EQ(planted->kept.size(), 2U);
  EXPECT_TRUE(planted->kept[0].text.contains("a149"));
  EXPECT_TRUE(planted->kept[0].text.contains("b149"));
  EXPECT_EQ(sections_jsonl(std::span(planted->kept).first(1)).back(), '\n');
}

/// What is withheld of three sections, the first of which says so many of the second's sentences.
std::string withheld_beside(int n_same) {
  std::string income, expense;
  for (int i = 0; i < 6; ++i) {
    const auto shared = words(8, "both" + std::to_string(i) + "x") + "\n";
    income += i < n_same ? shared : words(8, "income" + std::to_string(i) + "x") + "\n";
    expense += shared;
  }
  GapPlanter planter;
  planter.add({"Income", "Income", income});
  planter.add({"Expense", "Expense", expense});
  planter.add({"Short", "Short", "too short to ask about"});
  const auto planted = std::move(planter).plant(1, 7, {});
  return planted ? planted->withheld.front().title : "";
}

TEST(GapPlanter, withholds_nothing_of_which_another_section_says_a_third) {
  EXPECT_NE(withheld_beside(0), "");
  EXPECT_NE(withheld_beside(1), "");
  EXPECT_EQ(withheld_beside(2), "");
  EXPECT_EQ(withheld_beside(6), "");
}

}  // namespace
}  // namespace plmm::suites
