// Questions with preferences: what is read, and what is refused.
#include "eval/preference_questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/file.h"

namespace plmm::eval {
namespace {

ErrorCode refused(const std::string& lines) {
  const auto read = parse_preference_questions(lines);
  EXPECT_FALSE(read) << lines;
  return read ? ErrorCode::io : read.error().code;
}

TEST(PreferenceQuestions, are_read_with_one_preference_or_several) {
  const auto read = parse_preference_questions(
      R"({"topic": "tea", "kind": "implied", "question": "Which?", "options": ["a", "b"], )"
      R"("preferences": [)"
      R"({"text": "I like b.", "answer": 1}, {"text": "I like a.", "answer": 0}]})"
      "\n\n"
      R"({"question": "What?", "options": ["c", "d"], "preference": "I like c.", "answer": 0})");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].topic, "tea");
  EXPECT_TRUE((*read)[0].is_implied);
  EXPECT_FALSE((*read)[1].is_implied);
  ASSERT_EQ((*read)[0].preferences.size(), 2U);
  EXPECT_EQ((*read)[0].preferences[0].text, "I like b.");
  EXPECT_EQ((*read)[0].preferences[0].answer, 1U);
  EXPECT_EQ((*read)[1].preferences[0].answer, 0U);
  EXPECT_EQ((*read)[1].options[1], "d");
}

TEST(PreferenceQuestions, name_the_line_and_never_its_text) {
  const auto read = parse_preference_questions(
      R"({"question": "secret", "options": ["a", "b"], "preference": "I", "answer": 0})"
      "\n"
      R"({"question": "secret", "options": ["a", "b"], "preference": "I", "answer": 2})");
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().what.starts_with("line 2: ")) << read.error().what;
  EXPECT_FALSE(read.error().what.contains("secret"));
}

TEST(PreferenceQuestions, refuse_what_is_missing_empty_or_of_another_kind) {
  using enum ErrorCode;
  EXPECT_EQ(refused(""), corrupt_data);
  EXPECT_EQ(refused("[]"), corrupt_data);
  EXPECT_EQ(refused(R"({"question": "q", "options": ["a"], "preference": "p", "answer": 0})"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": " ", "options": ["a", "b"], "preference": "p", "answer": 0})"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": "q", "options": ["a", 1], "preference": "p", "answer": 0})"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": "q", "options": ["a", "b"], "preference": "p", "answer": -1})"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": "q", "options": ["a", "b"], "preferences": []})"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": "q", "options": ["a", "b"], "preferences": [1]})"),
            corrupt_data);
  EXPECT_EQ(refused("{\"question\": \"\xFF\", \"options\": [\"a\", \"b\"], \"preference\": "
                    "\"p\", \"answer\": 0}"),
            corrupt_data);
  EXPECT_EQ(refused(R"({"question": ")" + std::string(kPreferenceTextBytesMax + 1, 'x') +
                    R"(", "options": ["a", "b"], "preference": "p", "answer": 0})"),
            limit_exceeded);
}

std::vector<PreferenceQuestion> of_file(const char* path) {
  return parse_preference_questions(read_file(path, kPreferenceFileBytesMax).value()).value();
}

TEST(PreferenceQuestions, of_this_project_that_test_are_not_those_to_learn_from) {
  const auto learnt = of_file("assets/following/learn.jsonl");
  for (const PreferenceQuestion& test : of_file("assets/following/test.jsonl")) {
    const bool is_learnt = std::ranges::any_of(learnt, [&](const PreferenceQuestion& one) {
      return one.question == test.question && one.options == test.options;
    });
    EXPECT_FALSE(is_learnt) << test.question;
  }
}

TEST(PreferenceCases, keep_their_right_option_wherever_it_is_drawn_to) {
  const std::vector<PreferenceQuestion> questions{
      {"tea", false, "Which?", {"a", "b", "c", "d"}, {{"I like a.", 0}, {"I like c.", 2}}}};
  std::set<std::size_t> places;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto cases = preference_cases(questions, seed);
    ASSERT_EQ(cases.size(), 2U);
    for (const PreferenceCase& one : cases) {
      EXPECT_EQ("I like " + one.options[one.right] + ".", one.preference);
      EXPECT_EQ((std::set(one.options.begin(), one.options.end()).size()), 4U);
      places.insert(one.right);
    }
  }
  EXPECT_EQ(places.size(), 4U);
}

}  // namespace
}  // namespace plmm::eval
