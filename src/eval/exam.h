// Exam questions with the answers that count, as lines of JSON. docs/formats/exam.md.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::eval {

// Limits; sizes in bytes of UTF-8.
inline constexpr std::size_t kExamBytesMax = 16 << 20;
inline constexpr std::size_t kExamLineBytesMax = 64 << 10;
inline constexpr std::size_t kExamQuestionsMax = 10'000;
inline constexpr std::size_t kExamQuestionBytesMax = 4'096;
inline constexpr std::size_t kExamAnswersMax = 32;
inline constexpr std::size_t kExamAnswerBytesMax = 500;
inline constexpr std::size_t kExamTopicBytesMax = 100;

struct ExamQuestion {
  std::string question;
  std::vector<std::string> answers;  // aliases: one of them is enough (right.h)
  std::string topic;                 // may be empty
  bool operator==(const ExamQuestion&) const = default;
};

/// One object in each line: "question", "answers" (a list of 1 … kExamAnswersMax texts with a
/// letter or digit each; or one text as "answer") and, where there is one, "topic". Fields that it
/// does not know and empty lines are passed over; no lines are an exam without questions.
/// corrupt_data or limit_exceeded name the line and never repeat its text.
Result<std::vector<ExamQuestion>> read_exam(std::string_view jsonl);

/// One of its lines; the error does not name it.
Result<ExamQuestion> read_exam_line(std::string_view line);

/// What read_exam() reads: keys in the order of their bytes, no topic where it is empty. The error
/// of a limit that a question breaks.
Result<std::string> write_exam(std::span<const ExamQuestion> questions);

}  // namespace plmm::eval
