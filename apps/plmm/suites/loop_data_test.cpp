// Questions, profile and planted gaps of the loop suite.
#include "apps/plmm/suites/loop_data.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "apps/plmm/suites/loop_bench.h"

namespace plmm::suites {
namespace {

constexpr std::string_view kIt =
    R"({"kind":"it","question":"Who wrote Unix?","answers":["Ken Thompson"],"source":"Unix"})";

std::string words(int n, const std::string& word) {
  std::string out;
  for (int i = 0; i < n; ++i) out += word + std::to_string(i) + " ";
  return out + ".";
}

TEST(LoopParts, are_all_of_them_or_those_that_were_named) {
  const std::vector<std::string> experts{"it", "art"};
  const auto all = LoopParts::choose({}, experts);
  EXPECT_TRUE(all->has("ledger") && all->has_gaps_of("it") && all->needs_expert("art"));
  const auto one = LoopParts::choose({"gaps/it"}, experts);
  EXPECT_TRUE(one->has_gaps_of("it") && one->needs_expert("it"));
  EXPECT_FALSE(one->has("ledger") || one->has_gaps_of("art") || one->needs_expert("art"));
  EXPECT_TRUE(LoopParts::choose({"routing"}, experts)->needs_expert("art"));
  const auto wrong = LoopParts::choose({"gaps/tax"}, experts);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(wrong.error().what.find("gaps/it"), std::string::npos);
}

TEST(LoopQuestions, are_read_with_their_kind_and_answers) {
  const auto read = parse_loop_questions(std::string(kIt) +
                                         "\n\n{\"kind\":\"personal\",\"question\":\"What did I "
                                         "tell you?\",\"answers\":[]}\n");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_TRUE(read->front().is_for_expert());
  EXPECT_EQ(read->front().source, "Unix");
  EXPECT_EQ(read->front().exam.answers, std::vector<std::string>{"Ken Thompson"});
  EXPECT_FALSE(read->back().is_for_expert());
}

TEST(LoopQuestions, that_are_not_in_form_get_the_number_of_their_line) {
  for (const std::string_view bad : {"no json", "[1]", R"({"kind":"it","question":"Why?"})",
                                     R"({"kind":"it","question":"Why?","answers":[]})",
                                     R"({"kind":"it","question":"Why?","answers":["?"]})",
                                     R"({"kind":"cooking","question":"Why?","answers":["x"]})",
                                     R"({"kind":"it","question":7,"answers":["x"]})"}) {
    const auto read = parse_loop_questions(std::string(kIt) + "\n" + std::string(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt_data);
    EXPECT_TRUE(read.error().what.starts_with("line 2: ")) << read.error().what;
  }
  EXPECT_FALSE(parse_loop_questions(""));
}

TEST(LoopProfile, has_the_slots_that_a_profile_has) {
  const auto read = parse_loop_profile(R"({"name":"Mira Solberg","hobbies":["chess","rowing"]})");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->size(), 3U);
  EXPECT_FALSE(parse_loop_profile(R"({"shoe size":"44"})"));
  EXPECT_FALSE(parse_loop_profile(R"({"name":44})"));
}

TEST(GapPlanter, withholds_as_many_sections_as_were_asked_for_and_none_that_is_asked_about) {
  GapPlanter planter;
  for (int i = 0; i < 40; ++i) {
    const auto name = "Entry" + std::to_string(i);
    planter.add({name, name, words(40, "word")});
  }
  planter.add({"short", "short", "too short to ask about"});
  planter.add({"twice", "twice", words(50, "first")});
  planter.add({"twice", "other", words(50, "between")});
  planter.add({"twice", "twice", words(50, "second")});
  planter.add({"Unix", "Unix", words(50, "system")});
  planter.add({"Thompson", "Thompson", words(50, "it") + " Ken Thompson did it."});
  const auto questions = parse_loop_questions(kIt).value();
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

}  // namespace
}  // namespace plmm::suites
