// Questions about passages: written by the teacher's model, and kept only when they hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "eval/exam.h"
#include "teacher/backend.h"
#include "teacher/words.h"

namespace plmm::teacher {

/// Why a question that the model wrote is not asked.
enum class Rejection : std::uint8_t {
  malformed,        // not in the form that was asked for, or too long
  not_in_passage,   // its answer does not stand in the passage
  gives_away,       // it says its own answer
  vague,            // one cannot tell what it is about without the passage
  off_topic,        // it names something that the passage does not
  open_ended,       // "What is X?", or another passage answers it too, and otherwise
  twice,            // asked before
  wrong_with_text,  // the teacher, reading the passage, finds no answer in it
  known_without,    // the teacher answers it without the passage: no gap of knowledge
};
inline constexpr std::size_t kRejections = 9;
/// "gives its answer away": how it is told to a person.
std::string_view name(Rejection rejection);

/// A question and its answer as the model wrote them.
struct Pair {
  std::string question;
  std::string answer;
  bool operator==(const Pair&) const = default;
};

struct RejectedPair {
  Pair pair;
  Rejection why = Rejection::malformed;
};

struct WritingReport {
  std::uint64_t n_written = 0;
  std::uint64_t n_kept = 0;
  std::array<std::uint64_t, kRejections> n_rejected{};  // by Rejection
  std::vector<RejectedPair> rejected;                   // but for lines that are out of form
};

/// Whether one of the passages says the answer, be it in its title.
bool any_says(std::span<const Passage> passages, std::string_view answer);

/// "Q: …" and "A: …" in turns, one to a line; each other line counts as one that is malformed.
std::vector<Pair> parse_pairs(std::string_view text, std::uint64_t& n_malformed);

/// What can be seen of a question without a model and whatever its answer; nothing: it may be read.
std::optional<Rejection> fault_of(std::string_view question, const Passage& passage);
/// The same of a question with its answer.
std::optional<Rejection> fault_of(const Pair& pair, const Passage& passage);

/// drop: a question that the teacher answers without the passage is rejected. keep: it may be asked
/// all the same, since an expert answers from its library only.
enum class Known : std::uint8_t { drop, keep };

/// Writes questions about one passage after the other. One thread at a time.
class QuestionWriter {
 public:
  /// What stands elsewhere about a question, best first.
  using Elsewhere = std::function<Result<std::vector<Passage>>(const std::string& question)>;

  /// The backend outlives the writer.
  QuestionWriter(Backend& backend, Known known, Elsewhere elsewhere)
      : backend_(backend), known_(known), elsewhere_(std::move(elsewhere)) {}

  /// A passage and what was not tried yet.
  struct Work {
    Passage passage;
    std::vector<std::string> spans = {};  // to be asked for; the last one is next
    std::vector<Pair> pending = {};       // written and not yet judged; the last one is next
    enum class Stage : std::uint8_t { term, spans, free } stage = Stage::term;
  };

  struct Written {
    eval::ExamQuestion exam;
    bool may_be_known = false;  // another passage says the answer, or the teacher without any
  };
  /// The next question about the passage that holds; nothing when no more come. Errors: those of
  /// the backend.
  Result<std::optional<Written>> next(Work& work, const Cancel& cancel);

  const WritingReport& report() const { return report_; }

 private:
  Result<std::optional<Pair>> propose(Work& work, const Cancel& cancel);
  Result<Pair> question_for(const Passage& passage, std::string answer, const Cancel& cancel);
  Result<> write_pairs(Work& work, const Cancel& cancel);
  /// A question that holds, and its answers; why it does not. One that does not say what it is
  /// about gets its subject put in front.
  Result<std::variant<Written, Rejection>> judge(Pair& pair, const Passage& passage,
                                                 const Cancel& cancel);

  Result<std::string> answer(std::string task, const Cancel& cancel);
  /// What the teacher reads in the passage is the answer, unless it says what was written with the
  /// question: that is then the shorter one.
  Result<std::optional<Rejection>> settle_answer(Pair& pair, const Passage& passage,
                                                 const Cancel& cancel);
  /// Whether the teacher, shown also what stands elsewhere, finds the same answer: else the
  /// question has several. Of two that hold each other the shorter one is kept.
  Result<bool> is_unambiguous(Pair& pair, const Passage& passage,
                              std::span<const Passage> elsewhere, const Cancel& cancel);

  Backend& backend_;
  Known known_;
  Elsewhere elsewhere_;
  WritingReport report_;
  std::set<std::string> asked_;  // in lower case
};

}  // namespace plmm::teacher
