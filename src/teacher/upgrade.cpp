// Choosing, trying and judging; see upgrade.h.
#include "teacher/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/narrow.h"
#include "crypto/hash.h"
#include "eval/right.h"
#include "protocol/asking.h"

namespace plmm::teacher {
namespace {

using protocol::BeforeAfter;
using protocol::QuestionUse;

BeforeAfter figures_of(const Trial& trial, QuestionUse use) {
  protocol::Release release;
  release.questions = trial.questions;
  return protocol::figures(release, use);
}

/// A question and its answer as a passage: found by the question's words.
Passage pair_passage(const AskedQuestion& asked) {
  Passage out;
  out.document = asked.passage ? asked.passage->document : "questions and answers";
  out.title = asked.passage ? asked.passage->title : asked.exam.topic;
  out.text = asked.exam.question + "\n" + asked.exam.answers.front();
  return out;
}

class Upgrade {
 public:
  Upgrade(std::span<const AskedQuestion> questions, Pupil& pupil, const UpgradeOptions& options,
          const OnUpgradeProgress& on_progress, const Cancel& cancel)
      : questions_(questions),
        uses_(cut_in_halves(questions)),
        pupil_(pupil),
        options_(options),
        on_progress_(on_progress),
        cancel_(cancel) {}

  Result<Trial> run(const Source& source, std::span<const eval::ExamQuestion> exam) {
    TRY(choose(source));
    TRY(study());
    TRY(give_lessons());
    if (trial_.passages.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "there is nothing to add: the library holds all that the source says");
    }
    TRY(ask_again());
    TRY(examine(exam));
    return std::move(trial_);
  }

 private:
  void tell(Stage stage, std::size_t n_done, std::size_t n_total) const {
    if (on_progress_) on_progress_({stage, n_done, n_total});
  }
  Result<> check_cancel() const {
    if (!cancel_.requested()) return {};
    return fail(ErrorCode::cancelled, "stopped; nothing was changed");
  }

  bool is_lesson(std::size_t i) const {
    return uses_[i] == QuestionUse::selected && !questions_[i].is_right;
  }

  /// Behind failed selected questions first, then the source in its order.
  std::vector<const Passage*> candidates(const Source& source) const {
    std::vector<const Passage*> out;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      if (is_lesson(i) && questions_[i].passage) out.push_back(&*questions_[i].passage);
    }
    for (const auto& passage : source.passages()) out.push_back(&passage);
    return out;
  }

  Result<> choose(const Source& source) {
    const auto all = candidates(source);
    std::set<std::pair<std::string_view, std::string_view>> seen;
    std::size_t n_bytes = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      TRY(check_cancel());
      tell(Stage::comparing, i + 1, all.size());
      const Passage& passage = *all[i];
      if (!seen.insert({passage.title, passage.text}).second) continue;
      if (trial_.passages.size() == options_.n_passages_max ||
          n_bytes + passage.text.size() > options_.n_bytes_max) {
        ++trial_.n_left_out;
      } else if (TRY(pupil_.holds(passage))) {
        ++trial_.n_held;
      } else {
        trial_.passages.push_back(passage);
        n_bytes += passage.text.size();
      }
    }
    return {};
  }

  Result<bool> is_right(const eval::ExamQuestion& question, From from = From::copy) {
    const auto said = TRY(pupil_.answer(question.question, from, cancel_));
    return eval::is_right(protocol::without_marks(said), question);
  }

  Result<> study() {
    tell(Stage::adding, 0, trial_.passages.size());
    TRY(pupil_.study(trial_.passages, cancel_));
    tell(Stage::adding, trial_.passages.size(), trial_.passages.size());
    return {};
  }

  /// Selected questions that the passages alone do not answer: as passages of their own, where that
  /// helps.
  Result<> give_lessons() {
    std::vector<std::size_t> failed;
    std::size_t n_done = 0;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      if (!is_lesson(i)) continue;
      if (!TRY(is_right(questions_[i].exam))) failed.push_back(i);
      tell(Stage::lessons, ++n_done, questions_.size());
    }
    if (failed.empty()) return {};
    const auto without = trial_.passages;
    for (const std::size_t i : failed) trial_.passages.push_back(pair_passage(questions_[i]));
    TRY(study());
    std::vector<Passage> with = without;
    for (const std::size_t i : failed) {
      if (TRY(is_right(questions_[i].exam))) with.push_back(pair_passage(questions_[i]));
    }
    trial_.n_pairs = with.size() - without.size();
    if (with.size() == trial_.passages.size()) return {};
    trial_.passages = std::move(with);
    return study();
  }

  Result<> ask_again() {
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      const auto& asked = questions_[i];
      protocol::ReleaseQuestion out;
      out.question = asked.exam.question;
      out.answers = asked.exam.answers;
      out.use = uses_[i];
      out.right_before = asked.is_right;
      const bool affected = TRY(pupil_.is_affected(asked.exam.question));
      out.right_after = affected ? TRY(is_right(asked.exam)) : asked.is_right;
      trial_.questions.push_back(std::move(out));
      tell(Stage::gaps, i + 1, questions_.size());
    }
    return {};
  }

  Result<> examine(std::span<const eval::ExamQuestion> exam) {
    trial_.exam.n = narrow<std::uint32_t>(exam.size());
    for (std::size_t i = 0; i < exam.size(); ++i) {
      if (TRY(pupil_.is_affected(exam[i].question))) {
        ++trial_.exam.n_affected;
        trial_.exam.n_before += TRY(is_right(exam[i], From::library)) ? 1 : 0;
        trial_.exam.n_after += TRY(is_right(exam[i])) ? 1 : 0;
      }
      tell(Stage::exam, i + 1, exam.size());
    }
    return {};
  }

  std::span<const AskedQuestion> questions_;
  std::vector<QuestionUse> uses_;
  Pupil& pupil_;
  const UpgradeOptions& options_;
  const OnUpgradeProgress& on_progress_;
  const Cancel& cancel_;
  Trial trial_;
};

}  // namespace

BeforeAfter Trial::kept_apart() const { return figures_of(*this, QuestionUse::kept_apart); }
BeforeAfter Trial::selected() const { return figures_of(*this, QuestionUse::selected); }

std::vector<QuestionUse> cut_in_halves(std::span<const AskedQuestion> questions) {
  std::vector<std::pair<crypto::Digest, std::size_t>> order;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const std::string_view text = questions[i].exam.question;
    order.emplace_back(crypto::sha256(std::as_bytes(std::span(text))), i);
  }
  std::ranges::sort(order);
  std::vector<QuestionUse> out(questions.size(), QuestionUse::selected);
  for (std::size_t i = 0; i < (order.size() + 1) / 2; ++i) {
    out[order[i].second] = QuestionUse::kept_apart;
  }
  return out;
}

Result<Trial> try_upgrade(std::span<const AskedQuestion> questions, const Source& source,
                          std::span<const eval::ExamQuestion> exam, Pupil& pupil,
                          const UpgradeOptions& options, const OnUpgradeProgress& on_progress,
                          const Cancel& cancel) {
  if (questions.size() < 2) {
    return fail(ErrorCode::invalid_argument,
                "an upgrade is tested with at least two questions, one of them kept apart. Run: "
                "plmm teacher gaps NAME --source PATH");
  }
  return Upgrade(questions, pupil, options, on_progress, cancel).run(source, exam);
}

std::string objection(const Trial& trial) {
  const auto apart = trial.kept_apart();
  if (apart.n_after <= apart.n_before) {
    return fmt::format(
        "it does not help: of {} kept-apart questions {} were right before and {} "
        "with it",
        apart.n, apart.n_before, apart.n_after);
  }
  const auto& exam = trial.exam;
  const std::uint64_t n_fewer = exam.n_before > exam.n_after ? exam.n_before - exam.n_after : 0;
  if (n_fewer * 100 > exam.n) {
    return fmt::format(
        "it harms: of {} exam questions {} were right before and {} with it; one in "
        "a hundred may be lost",
        exam.n, exam.n_before, exam.n_after);
  }
  return {};
}

Result<protocol::Release> make_release(const Trial& trial, const ReleaseHead& head,
                                       const crypto::KeyPair& teacher) {
  if (const auto why = objection(trial); !why.empty()) {
    return fail(ErrorCode::invalid_argument, "no release: " + why);
  }
  protocol::Release out;
  out.expert = head.card.name;
  out.expert_key = head.card.public_key;
  out.parent = head.card.release;
  out.number = head.card.release + 1;
  out.made_ms = head.now_ms;
  out.model = head.model;
  out.passages = trial.passages;
  out.questions = trial.questions;
  out.exam = trial.exam;
  TRY(protocol::check(out));
  protocol::sign_release(out, teacher);
  return out;
}

}  // namespace plmm::teacher
