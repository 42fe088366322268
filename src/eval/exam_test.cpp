// Exams written and read; each error by the smallest input that has it.
#include "eval/exam.h"

#include <gtest/gtest.h>

namespace plmm::eval {
namespace {

TEST(Exam, is_read_as_it_was_written) {
  const std::vector<ExamQuestion> exam{
      {"What is a mutex?", {"lock", "mutual exclusion"}, "threads"}, {"Naïve?", {"ja"}, ""}};
  const auto written = write_exam(exam);
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(
      *written,
      R"({"answers":["lock","mutual exclusion"],"question":"What is a mutex?","topic":"threads"})"
      "\n"
      R"({"answers":["ja"],"question":"Naïve?"})"
      "\n");
  const auto read = read_exam(*written);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, exam);
}

TEST(Exam, passes_over_empty_lines_and_fields_that_it_does_not_know) {
  const auto exam = read_exam("\n \r\n{\"question\":\"q\",\"answers\":[\"a\"],\"level\":3}");
  ASSERT_TRUE(exam) << exam.error().what;
  EXPECT_EQ(exam->size(), 1U);
  EXPECT_TRUE(read_exam("")->empty());
}

TEST(Exam, takes_a_single_answer_by_that_name) {
  const auto question = read_exam_line(R"({"question":"q","answer":"a"})");
  ASSERT_TRUE(question) << question.error().what;
  EXPECT_EQ(question->answers, std::vector<std::string>{"a"});
  EXPECT_EQ(read_exam_line(R"({"question":"q","answer":1})").error().code, ErrorCode::corrupt_data);
}

struct Bad {
  std::string line;
  ErrorCode code;
  const char* what;
};

TEST(Exam, names_the_line_and_what_is_wrong_with_it) {
  const auto deep = std::string(200, '[') + std::string(200, ']');
  const Bad cases[] = {
      {"{", ErrorCode::corrupt_data, "not a JSON object"},
      {"[]", ErrorCode::corrupt_data, "not a JSON object"},
      {R"({"x":)" + deep + "}", ErrorCode::corrupt_data, "not a JSON object"},
      {R"({"answers":["a"]})", ErrorCode::corrupt_data, "'question' is missing"},
      {R"({"question":"","answers":["a"]})", ErrorCode::corrupt_data, "'question' is empty"},
      {R"({"question":"q"})", ErrorCode::corrupt_data, "'answers' is missing"},
      {R"({"question":"q","answers":[]})", ErrorCode::corrupt_data, "'answers' is empty"},
      {R"({"question":"q","answers":[1]})", ErrorCode::corrupt_data, "not a string"},
      {R"({"question":"q","answers":["?"]})", ErrorCode::corrupt_data, "neither a letter"},
      {R"({"question":"q","answers":["a"],"topic":1})", ErrorCode::corrupt_data, "'topic'"},
      {"{\"question\":\"\xFF\",\"answers\":[\"a\"]}", ErrorCode::corrupt_data, ""},
      {R"({"question":")" + std::string(kExamQuestionBytesMax + 1, 'q') + R"(","answers":["a"]})",
       ErrorCode::limit_exceeded, "'question' has more than"},
      {R"({"question":"q","answers":[")" + std::string(kExamAnswerBytesMax + 1, 'a') + R"("]})",
       ErrorCode::limit_exceeded, "an answer has more than"},
      {std::string(kExamLineBytesMax + 1, 'x'), ErrorCode::limit_exceeded, "it has more than"},
  };
  for (const auto& [line, code, what] : cases) {
    const auto exam = read_exam("{\"question\":\"q\",\"answers\":[\"a\"]}\n" + line + "\n");
    ASSERT_FALSE(exam) << what;
    EXPECT_EQ(exam.error().code, code) << exam.error().what;
    EXPECT_TRUE(exam.error().what.starts_with("exam, line 2: ")) << exam.error().what;
    EXPECT_NE(exam.error().what.find(what), std::string::npos) << exam.error().what;
  }
}

TEST(Exam, has_a_limit_of_answers_questions_and_bytes) {
  const ExamQuestion question{"q", {"a"}, ""};
  ExamQuestion many = question;
  many.answers.assign(kExamAnswersMax + 1, "a");
  EXPECT_EQ(write_exam(std::span(&many, 1)).error().code, ErrorCode::limit_exceeded);
  std::vector<ExamQuestion> exam(kExamQuestionsMax, question);
  auto lines = *write_exam(exam);
  EXPECT_EQ(read_exam(lines)->size(), kExamQuestionsMax);
  lines += *write_exam(std::span(&question, 1));
  EXPECT_EQ(read_exam(lines).error().code, ErrorCode::limit_exceeded);
  exam.push_back(question);
  EXPECT_EQ(write_exam(exam).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(read_exam(std::string(kExamBytesMax + 1, '\n')).error().code,
            ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace plmm::eval
