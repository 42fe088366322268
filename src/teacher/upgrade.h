// A release: chosen from a source, tried on a copy of the library, and made only when it helps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "eval/exam.h"
#include "protocol/release.h"
#include "teacher/gaps.h"
#include "teacher/pupil.h"
#include "teacher/source.h"

namespace plmm::teacher {

struct UpgradeOptions {
  std::size_t n_passages_max = 2'000;
  std::size_t n_bytes_max = 8 << 20;  // of their texts
};

enum class Stage : std::uint8_t { comparing, adding, lessons, gaps, exam };
struct UpgradeProgress {
  Stage stage = Stage::comparing;
  std::size_t n_done = 0;
  std::size_t n_total = 0;
};
using OnUpgradeProgress = std::function<void(const UpgradeProgress& progress)>;

/// What came of trying.
struct Trial {
  std::vector<Passage> passages;  // that a release would add
  std::size_t n_pairs = 0;        // of these, made of a question and its answer
  std::size_t n_held = 0;         // of the source, left out: the library has them already
  std::size_t n_left_out = 0;     // of the source, over the limits
  std::vector<protocol::ReleaseQuestion> questions;
  protocol::ExamFigures exam;

  protocol::BeforeAfter kept_apart() const;
  protocol::BeforeAfter selected() const;
};

/// Which half a question belongs to: by the order of their SHA-256, so that the same questions are
/// always cut in the same way. Of n questions, (n + 1) / 2 are kept apart.
std::vector<protocol::QuestionUse> cut_in_halves(std::span<const AskedQuestion> questions);

/// Tries, on a copy, what the source says and the library lacks: first the passages behind the
/// selected questions that the expert failed, then the others in their order. A selected question
/// that is still failed becomes a passage of its own with its answer, and stays when that helps.
/// Which questions are kept apart and what was said to them changes nothing of what is added.
/// invalid_argument when nothing is to be added; errors of the pupil; cancelled.
Result<Trial> try_upgrade(std::span<const AskedQuestion> questions, const Source& source,
                          std::span<const eval::ExamQuestion> exam, Pupil& pupil,
                          const UpgradeOptions& options, const OnUpgradeProgress& on_progress,
                          const Cancel& cancel);

/// Why the trial is no release, with the figures; empty when it is one: more kept-apart questions
/// are right than before, and of 100 exam questions at most one fewer.
std::string objection(const Trial& trial);

/// What a release says beside the trial.
struct ReleaseHead {
  protocol::ExpertCard card;  // name, key and release that it was tried with
  std::string model;
  std::int64_t now_ms = 0;
};
/// Signed. invalid_argument with the objection when there is one; the errors of check().
Result<protocol::Release> make_release(const Trial& trial, const ReleaseHead& head,
                                       const crypto::KeyPair& teacher);

}  // namespace plmm::teacher
