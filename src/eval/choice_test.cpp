// Questions with choices read; each error by the smallest line that has it.
#include "eval/choice.h"

#include <gtest/gtest.h>

namespace plmm::eval {
namespace {

TEST(Choice, is_read_as_it_was_written) {
  const ChoiceQuestion question{"What is a mutex?", {"a lock", "a thread", "a core"}, 2};
  const auto read = read_choice_line(write_choice_line(question));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, question);
}

TEST(Choice, takes_an_index_a_letter_or_the_choice_itself) {
  const auto answer = [](const std::string& value) {
    const auto read = read_choice_line(
        R"({"question":"q","options":["x","y"],"level":[[1]],"answer":)" + value + "}");
    EXPECT_TRUE(read) << read.error().what;
    return read ? read->answer : 99;
  };
  EXPECT_EQ(answer("0"), 0U);
  EXPECT_EQ(answer("1"), 1U);
  EXPECT_EQ(answer("\"A\""), 0U);
  EXPECT_EQ(answer("\"b\""), 1U);
  EXPECT_EQ(answer("\"y\""), 1U);
}

struct Bad {
  std::string line;
  ErrorCode code;
  const char* what;
};

TEST(Choice, says_what_is_wrong_with_a_line) {
  const auto choices = [](const std::string& list, const std::string& answer = "0") {
    return R"({"question":"q","choices":)" + list + R"(,"answer":)" + answer + "}";
  };
  std::string many = "[\"a0\"";
  for (std::size_t i = 1; i <= kChoicesMax; ++i) many += ",\"a" + std::to_string(i) + "\"";
  const Bad cases[] = {
      {"{", ErrorCode::corrupt_data, "not a JSON object"},
      {R"({"choices":["a","b"],"answer":0})", ErrorCode::corrupt_data, "'question' is missing"},
      {R"({"question":1,"choices":["a","b"],"answer":0})", ErrorCode::corrupt_data,
       "'question' is not a string"},
      {R"({"question":" ","choices":["a","b"],"answer":0})", ErrorCode::corrupt_data, "is empty"},
      {R"({"question":"q","answer":0})", ErrorCode::corrupt_data, "'choices' is missing"},
      {R"({"question":"q","choices":["a","b"]})", ErrorCode::corrupt_data, "'answer' is missing"},
      {choices("\"ab\""), ErrorCode::corrupt_data, "not a list"},
      {choices("[\"a\"]"), ErrorCode::limit_exceeded, "2 to 26"},
      {choices(many + "]"), ErrorCode::limit_exceeded, "2 to 26"},
      {choices("[\"a\",1]"), ErrorCode::corrupt_data, "a choice is not a string"},
      {choices("[\"a\",\"\"]"), ErrorCode::corrupt_data, "a choice is empty"},
      {choices("[\"a\",\"" + std::string(kChoiceBytesMax + 1, 'b') + "\"]"),
       ErrorCode::limit_exceeded, "a choice has more than"},
      {choices("[\"a\",\"b\"]", "2"), ErrorCode::corrupt_data, "no index"},
      {choices("[\"a\",\"b\"]", "-1"), ErrorCode::corrupt_data, "neither"},
      {choices("[\"a\",\"b\"]", "1.5"), ErrorCode::corrupt_data, "neither"},
      {choices("[\"a\",\"b\"]", "\"C\""), ErrorCode::corrupt_data, "neither"},
      {choices("[\"B\",\"A\"]", "\"A\""), ErrorCode::corrupt_data, "of one choice and another"},
      {R"({"question":")" + std::string(kChoiceQuestionBytesMax + 1, 'q') +
           R"(","choices":["a","b"],"answer":0})",
       ErrorCode::limit_exceeded, "'question' has more than"},
      {std::string(kChoiceLineBytesMax + 1, ' '), ErrorCode::limit_exceeded, "it has more than"},
  };
  for (const auto& [line, code, what] : cases) {
    const auto read = read_choice_line(line);
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().code, code) << read.error().what;
    EXPECT_NE(read.error().what.find(what), std::string::npos) << read.error().what;
  }
}

}  // namespace
}  // namespace plmm::eval
