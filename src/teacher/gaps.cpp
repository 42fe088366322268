// Passage by passage: is it new, what can be asked about it, what does the expert say.
#include "teacher/gaps.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "eval/right.h"
#include "protocol/asking.h"
#include "text/unicode.h"

namespace plmm::teacher {
namespace {

constexpr std::size_t kWordsMin = 12;            // a shorter passage is a remark
constexpr std::size_t kRoundsMax = 4;            // questions about one passage
constexpr std::size_t kPutBackMax = 3;           // questions about one passage that wait
constexpr std::size_t kPassagesPerQuestion = 8;  // tried, before no more questions are expected

Result<> ask(AskedQuestion& asked, Pupil& pupil, const Cancel& cancel) {
  asked.said = TRY(pupil.answer(asked.exam.question, From::library, cancel));
  asked.is_right = eval::is_right(protocol::without_marks(asked.said), asked.exam);
  return {};
}

class GapSearch {
 public:
  GapSearch(Backend& backend, Pupil& pupil, const GapOptions& options,
            const OnGapProgress& on_progress, const Cancel& cancel)
      : writer_(backend, options.known, [&pupil](const auto& asked) { return pupil.reads(asked); }),
        pupil_(pupil),
        options_(options),
        on_progress_(on_progress),
        cancel_(cancel) {}

  Result<GapReport> run(const Source& source) {
    const auto order = asking_order(source.passages(), options_.seed);
    // The first round asks once about each title, as long as questions are wanted.
    std::vector<Work> works;
    std::vector<const Passage*> later;
    std::set<Title> titles;
    for (const std::size_t index : order) {
      if (is_enough() || n_new() == n_new_max()) break;
      const Passage& passage = source.passages()[index];
      if (!TRY(is_new(passage))) continue;
      if (titles.insert(title_of(passage)).second) {
        TRY(ask_first(passage, works));
      } else {
        later.push_back(&passage);
      }
    }
    // One right answer may be luck, or what the model knew anyway: such a title is asked about
    // again, in its other passages first, before more is asked where a gap showed.
    TRY(ask_later(later, works, false));
    TRY(ask_again(works, false));
    TRY(ask_later(later, works, true));
    TRY(ask_again(works, true));
    report_.writing = writer_.report();
    return std::move(report_);
  }

 private:
  struct Work {
    QuestionWriter::Work writing;
    std::vector<eval::ExamQuestion> put_back = {};  // in the order in which they were written
    std::size_t n_asked = 0;
  };
  using Title = std::pair<std::string, std::string>;  // of a document

  static Title title_of(const Passage& passage) { return {passage.document, passage.title}; }
  /// Whether the expert failed a question about its title.
  bool shows_gap(const Passage& passage) const { return gaps_.contains(title_of(passage)); }

  bool is_enough() const { return report_.questions.size() >= options_.n_questions; }
  /// Passages that the library lacks; looking for them costs next to nothing.
  std::uint64_t n_new() const { return report_.n_passages - report_.n_held - report_.n_short; }
  std::size_t n_new_max() const {
    return std::max<std::size_t>(64, kPassagesPerQuestion * options_.n_questions);
  }

  Result<bool> is_new(const Passage& passage) {
    if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped; nothing was changed");
    ++report_.n_passages;
    tell();
    if (words_of(passage.text).size() < kWordsMin) {
      ++report_.n_short;
      return false;
    }
    if (!TRY(pupil_.holds(passage))) return true;
    ++report_.n_held;
    return false;
  }

  Result<> ask_first(const Passage& passage, std::vector<Work>& works) {
    Work work{.writing = {.passage = passage}};
    if (TRY(ask_about(work))) works.push_back(std::move(work));
    return {};
  }

  /// About passages that no question was about: of titles that showed a gap, or of the others.
  Result<> ask_later(std::vector<const Passage*>& later, std::vector<Work>& works, bool of_gaps) {
    for (const Passage*& passage : later) {
      if (is_enough()) return {};
      if (passage == nullptr || shows_gap(*passage) != of_gaps) continue;
      TRY(ask_first(*passage, works));
      passage = nullptr;
    }
    return {};
  }

  /// More about passages: of titles that showed a gap, or of the others.
  Result<> ask_again(std::vector<Work>& works, bool of_gaps) {
    for (std::size_t round = 1; round < kRoundsMax; ++round) {
      for (auto& work : works) {
        if (is_enough()) return {};
        if (shows_gap(work.writing.passage) == of_gaps && work.n_asked < kRoundsMax)
          TRY(ask_about(work));
      }
    }
    return {};
  }

  /// False: no question about it holds.
  Result<bool> ask_about(Work& work) {
    auto question = TRY(choose(work));
    if (!question) return false;
    question->topic = text::first_bytes(work.writing.passage.document, eval::kExamTopicBytesMax);
    AskedQuestion asked{*std::move(question), work.writing.passage, {}, false};
    TRY(ask(asked, pupil_, cancel_));
    ++work.n_asked;
    if (!asked.is_right) gaps_.insert(title_of(work.writing.passage));
    n_right_ += asked.is_right ? 1 : 0;
    report_.questions.push_back(std::move(asked));
    tell();
    return true;
  }

  /// A question whose answer neither the expert's library says where it would be looked up nor the
  /// teacher without it; the others wait until there are none of these. Nothing when no more come.
  Result<std::optional<eval::ExamQuestion>> choose(Work& work) {
    while (work.put_back.size() < kPutBackMax) {
      auto written = writer_.next(work.writing, cancel_);
      if (!written && written.error().code == ErrorCode::limit_exceeded) break;
      auto question = TRY(std::move(written));
      tell();
      if (!question) break;
      if (!question->may_be_known) return std::move(question->exam);
      work.put_back.push_back(std::move(question->exam));
    }
    if (work.put_back.empty()) return std::nullopt;
    std::optional<eval::ExamQuestion> out(std::move(work.put_back.front()));
    work.put_back.erase(work.put_back.begin());
    return out;
  }

  void tell() const {
    if (!on_progress_) return;
    on_progress_({.n_passages = report_.n_passages,
                  .n_written = writer_.report().n_written,
                  .n_asked = report_.questions.size(),
                  .n_right = n_right_});
  }

  QuestionWriter writer_;
  Pupil& pupil_;
  const GapOptions& options_;
  const OnGapProgress& on_progress_;
  const Cancel& cancel_;
  GapReport report_;
  std::size_t n_right_ = 0;
  std::set<Title> gaps_;
};

const std::string& topic_of(const AskedQuestion& asked, bool by_title) {
  if (!asked.passage) return asked.exam.topic;
  return by_title ? asked.passage->title : asked.passage->document;
}

}  // namespace

eval::Score GapReport::score() const {
  const auto n = std::ranges::count(questions, true, &AskedQuestion::is_right);
  return {.n_asked = questions.size(), .n_right = static_cast<std::size_t>(n)};
}

Result<GapReport> find_gaps(const Source& source, Backend& backend, Pupil& pupil,
                            const GapOptions& options, const OnGapProgress& on_progress,
                            const Cancel& cancel) {
  return GapSearch(backend, pupil, options, on_progress, cancel).run(source);
}

Result<GapReport> ask_all(std::span<const eval::ExamQuestion> questions, Pupil& pupil,
                          const OnGapProgress& on_progress, const Cancel& cancel) {
  GapReport out;
  GapProgress progress;
  for (const auto& question : questions) {
    AskedQuestion asked{question, std::nullopt, {}, false};
    TRY(ask(asked, pupil, cancel));
    ++progress.n_asked;
    progress.n_right += asked.is_right ? 1 : 0;
    out.questions.push_back(std::move(asked));
    if (on_progress) on_progress(progress);
  }
  return out;
}

std::vector<TopicScore> by_topic(std::span<const AskedQuestion> questions) {
  std::set<std::string_view> documents;
  for (const auto& asked : questions) {
    if (asked.passage) documents.insert(asked.passage->document);
  }
  std::map<std::string, eval::Score> scores;
  for (const auto& asked : questions) {
    auto& score = scores[topic_of(asked, documents.size() < 2)];
    ++score.n_asked;
    score.n_right += asked.is_right ? 1 : 0;
  }
  std::vector<TopicScore> out;
  for (auto& [topic, score] : scores) out.push_back({topic, score});
  std::ranges::stable_sort(out, {}, [](const TopicScore& one) { return one.score.share(); });
  return out;
}

}  // namespace plmm::teacher
