// Exams on disk, and their runs.
#include "expert/exam.h"

#include <system_error>

#include "base/file.h"
#include "eval/right.h"

namespace plmm::expert {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamFile = "exam.jsonl";

Result<bool> answers_right(const Examinee& examinee, const eval::ExamQuestion& question) {
  const auto answer = TRY(examinee.answer(question.question));
  return eval::is_right(answer, question);
}

}  // namespace

Result<std::vector<eval::ExamQuestion>> load_exam(const fs::path& folder) {
  const auto file = folder / kExamFile;
  std::error_code error;
  if (!fs::exists(file, error)) return std::vector<eval::ExamQuestion>();
  const auto jsonl = TRY(read_file(file, eval::kExamBytesMax));
  auto exam = eval::read_exam(jsonl);
  if (!exam) return fail(exam.error().code, file.string() + ": " + exam.error().what);
  return exam;
}

Result<> save_exam(const fs::path& folder, std::span<const eval::ExamQuestion> questions) {
  const auto jsonl = TRY(eval::write_exam(questions));
  return write_file_atomically(folder / kExamFile, jsonl);
}

Result<std::vector<std::size_t>> affected(std::span<const eval::ExamQuestion> questions,
                                          const Examinee& before, const Examinee& after) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto old_reading = TRY(before.reading(questions[i].question));
    const auto new_reading = TRY(after.reading(questions[i].question));
    if (old_reading != new_reading) out.push_back(i);
  }
  return out;
}

Result<ExamChange> compare(std::span<const eval::ExamQuestion> questions, const Examinee& before,
                           const Examinee& after) {
  const auto places = TRY(affected(questions, before, after));
  ExamChange out{.n_exam = questions.size(), .n_affected = places.size()};
  for (const std::size_t place : places) {
    const auto& question = questions[place];
    const bool was_right = TRY(answers_right(before, question));
    const bool is_right = TRY(answers_right(after, question));
    out.n_right_before += was_right ? 1 : 0;
    out.n_right_after += is_right ? 1 : 0;
    out.n_lost += was_right && !is_right ? 1 : 0;
  }
  return out;
}

}  // namespace plmm::expert
