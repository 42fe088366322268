// Questions with preferences: what is read, and what is refused.
#include "eval/preference_questions.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace plmm::eval
