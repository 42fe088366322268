// What an expert does not know: questions from a source that it fails, with the evidence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "eval/exam.h"
#include "eval/score.h"
#include "teacher/backend.h"
#include "teacher/pupil.h"
#include "teacher/questions.h"
#include "teacher/source.h"

namespace plmm::teacher {

/// A question that the expert was asked.
struct AskedQuestion {
  eval::ExamQuestion exam;
  std::optional<Passage> passage;  // that it was written from; none: a person wrote it
  std::string said;                // the expert's answer
  bool is_right = false;
  bool operator==(const AskedQuestion&) const = default;
};

struct GapReport {
  std::vector<AskedQuestion> questions;  // in the order in which they were asked
  WritingReport writing;
  std::uint64_t n_passages = 0;  // looked at
  std::uint64_t n_held = 0;      // of these, in the library already: nothing is asked about them
  std::uint64_t n_short = 0;     // of these, too short to ask about

  eval::Score score() const;
};

struct GapOptions {
  std::size_t n_questions = 20;
  std::uint64_t seed = 0;
  Known known = Known::drop;
};

/// What is going on, for a person who waits.
struct GapProgress {
  std::size_t n_passages = 0;
  std::size_t n_written = 0;  // questions, the rejected ones included
  std::size_t n_asked = 0;
  std::size_t n_right = 0;
};
using OnGapProgress = std::function<void(const GapProgress& progress)>;

/// Writes questions about what the library lacks of the source and asks the expert each: one about
/// a title; where there are too few titles, more about them, first where no gap showed yet and in
/// passages that no question was about.
/// Same source, library, model and seed: the same report. Errors: those of backend and pupil,
/// cancelled.
Result<GapReport> find_gaps(const Source& source, Backend& backend, Pupil& pupil,
                            const GapOptions& options, const OnGapProgress& on_progress,
                            const Cancel& cancel);

/// Asks the expert a person's own questions.
Result<GapReport> ask_all(std::span<const eval::ExamQuestion> questions, Pupil& pupil,
                          const OnGapProgress& on_progress, const Cancel& cancel);

/// One line of the table: what the questions are about, and how many were right.
struct TopicScore {
  std::string topic;
  eval::Score score;
};
/// The topics of a person's questions, else the documents, or the titles where there is only one
/// document; the largest gap first.
std::vector<TopicScore> by_topic(std::span<const AskedQuestion> questions);

}  // namespace plmm::teacher
