// Reading and writing exams; each field is checked before it is used.
#include "eval/exam.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_object.h"
#include "eval/right.h"
#include "text/unicode.h"

namespace plmm::eval {
namespace {

using Json = nlohmann::json;  // keeps keys in the order of their bytes

constexpr int kDepthMax = 8;  // a line has two levels; fields that nobody knows may have more

std::string line_label(std::size_t number) { return "exam, line " + std::to_string(number) + ": "; }

std::unexpected<Error> too_long(const std::string& field, std::size_t n_max) {
  return fail(ErrorCode::limit_exceeded,
              field + " has more than " + std::to_string(n_max) + " bytes");
}

Result<> check_text(const std::string& field, std::string_view text, std::size_t n_bytes_max) {
  if (text.size() > n_bytes_max) return too_long(field, n_bytes_max);
  if (text::valid_bytes(text) == text.size()) return {};
  return fail(ErrorCode::corrupt_data, field + " is not UTF-8");
}

Result<> check(const ExamQuestion& question) {
  TRY(check_text("'question'", question.question, kExamQuestionBytesMax));
  if (question.question.empty()) return fail(ErrorCode::corrupt_data, "'question' is empty");
  if (question.answers.empty()) return fail(ErrorCode::corrupt_data, "'answers' is empty");
  if (question.answers.size() > kExamAnswersMax) {
    return fail(ErrorCode::limit_exceeded,
                "'answers' has more than " + std::to_string(kExamAnswersMax) + " items");
  }
  for (const auto& answer : question.answers) {
    TRY(check_text("an answer", answer, kExamAnswerBytesMax));
    if (!has_words(answer)) {
      return fail(ErrorCode::corrupt_data, "an answer has neither a letter nor a digit");
    }
  }
  return check_text("'topic'", question.topic, kExamTopicBytesMax);
}

Result<std::vector<std::string>> answers_of(const Json& object) {
  const auto answers = object.find("answers");
  const auto answer = object.find("answer");
  if (answers == object.end() && answer != object.end() && answer->is_string())
    return std::vector{answer->get<std::string>()};
  if (answers == object.end() || !answers->is_array()) {
    return fail(ErrorCode::corrupt_data, "'answers' is missing or not a list");
  }
  std::vector<std::string> out;
  for (const auto& item : *answers) {
    if (!item.is_string()) {
      return fail(ErrorCode::corrupt_data, "'answers' has an item that is not a string");
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<ExamQuestion> question_of(const Json& object) {
  ExamQuestion out;
  const auto question = object.find("question");
  if (question == object.end() || !question->is_string()) {
    return fail(ErrorCode::corrupt_data, "'question' is missing or not a string");
  }
  out.question = question->get<std::string>();
  out.answers = TRY(answers_of(object));
  if (const auto topic = object.find("topic"); topic != object.end()) {
    if (!topic->is_string()) return fail(ErrorCode::corrupt_data, "'topic' is not a string");
    out.topic = topic->get<std::string>();
  }
  TRY(check(out));
  return out;
}

}  // namespace

Result<ExamQuestion> read_exam_line(std::string_view line) {
  if (line.size() > kExamLineBytesMax) return too_long("it", kExamLineBytesMax);
  const auto object = parse_object<Json>(line, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is not a JSON object");
  return question_of(object);
}

Result<std::vector<ExamQuestion>> read_exam(std::string_view jsonl) {
  if (jsonl.size() > kExamBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                "exam: larger than " + std::to_string(kExamBytesMax) + " bytes");
  }
  std::vector<ExamQuestion> out;
  for (std::size_t number = 1; !jsonl.empty(); ++number) {
    const std::size_t end = jsonl.find('\n');
    const auto line = jsonl.substr(0, end);
    jsonl.remove_prefix(end == std::string_view::npos ? jsonl.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (out.size() == kExamQuestionsMax) {
      return fail(ErrorCode::limit_exceeded, line_label(number) + "an exam has at most " +
                                                 std::to_string(kExamQuestionsMax) + " questions");
    }
    auto question = read_exam_line(line);
    if (!question) return fail(question.error().code, line_label(number) + question.error().what);
    out.push_back(*std::move(question));
  }
  return out;
}

Result<std::string> write_exam(std::span<const ExamQuestion> questions) {
  if (questions.size() > kExamQuestionsMax) {
    return fail(ErrorCode::limit_exceeded,
                "an exam has at most " + std::to_string(kExamQuestionsMax) + " questions");
  }
  std::string out;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto checked = check(questions[i]);
    if (!checked) return fail(checked.error().code, line_label(i + 1) + checked.error().what);
    Json object{{"question", questions[i].question}, {"answers", questions[i].answers}};
    if (!questions[i].topic.empty()) object["topic"] = questions[i].topic;
    out += object.dump() + "\n";
  }
  if (out.size() <= kExamBytesMax) return out;
  return fail(ErrorCode::limit_exceeded,
              "exam: larger than " + std::to_string(kExamBytesMax) + " bytes");
}

}  // namespace plmm::eval
