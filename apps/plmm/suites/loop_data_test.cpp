// Questions and profile of the loop suite.
#include "apps/plmm/suites/loop_data.h"

#include <gtest/gtest.h>

#include "apps/plmm/suites/loop_bench.h"

namespace plmm::suites {
namespace {

constexpr std::string_view kIt =
    R"({"kind":"it","question":"Who wrote Unix?","answers":["Ken Thompson"],"source":"Unix"})";

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

}  // namespace
}  // namespace plmm::suites
