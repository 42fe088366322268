// An expert's exam: the questions that its owner keeps apart, and what a change does to them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "eval/exam.h"
#include "search/passage_index.h"

namespace plmm::expert {

/// FOLDER/exam.jsonl (docs/formats/exam.md): the questions; none where there is no such file.
Result<std::vector<eval::ExamQuestion>> load_exam(const std::filesystem::path& folder);
Result<> save_exam(const std::filesystem::path& folder,
                   std::span<const eval::ExamQuestion> questions);

/// Who is examined. Of two examinees of one expert the same reading has the same answer.
struct Examinee {
  /// A digest of all that the answer follows from. Costs a search.
  std::function<Result<crypto::Digest>(const std::string& question)> reading;
  /// The passages that are read for the question, best first. Costs a search.
  std::function<Result<std::vector<search::Hit>>(const std::string& question)> passages;
  /// Costs a run of the model.
  std::function<Result<std::string>(const std::string& question)> answer;
};

/// The places of the questions that two examinees read differently: of all others the answer is the
/// same, whatever it is.
Result<std::vector<std::size_t>> affected(std::span<const eval::ExamQuestion> questions,
                                          const Examinee& before, const Examinee& after);

/// What a change does to an exam, by the questions that it affects.
struct ExamChange {
  std::size_t n_exam = 0;          // all questions
  std::size_t n_affected = 0;      // answered twice: before the change and after it
  std::size_t n_right_before = 0;  // of the affected ones
  std::size_t n_right_after = 0;   // likewise
  std::size_t n_lost = 0;          // right before, and wrong after
};
Result<ExamChange> compare(std::span<const eval::ExamQuestion> questions, const Examinee& before,
                           const Examinee& after);

}  // namespace plmm::expert
