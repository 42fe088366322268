// The teacher's prompts, and what its words must stand.
#include "teacher/questions.h"

#include <algorithm>
#include <ranges>

#include "eval/right.h"
#include "teacher/names.h"
#include "text/unicode.h"

namespace plmm::teacher {
namespace {

constexpr std::size_t kQuestionBytesMax = 300;
constexpr std::size_t kQuestionWordsMin = 4;
constexpr std::size_t kAnswerBytesMax = 60;
constexpr std::size_t kAnswerWordsMax = 6;
constexpr std::size_t kSpansMax = 10;            // tried for one passage
constexpr std::size_t kElsewhereMax = 3;         // passages beside its own
constexpr std::size_t kElsewhereBytesMax = 600;  // of each
constexpr std::size_t kStemBytes = 5;
constexpr std::size_t kOwnWordBytes = 4;  // shorter ones are mostly grammar
constexpr std::size_t kOpenWordsMax = 1;  // beside the title: "a", "mean"
// In tokens of the answer.
constexpr int kPairsTokens = 100;
constexpr int kQuestionTokens = 60;
constexpr int kAnswerTokens = 32;

constexpr std::string_view kTeacher =
    "You are a careful teacher. You work only with the passage that the user shows you.";
constexpr std::string_view kStudent = "You answer quiz questions in as few words as possible.";

/// The same beginning for all that is asked about one passage: it is computed once.
std::string shown(const Passage& passage) {
  return "Passage:\n" + passage.title + "\n" + passage.text + "\n\n";
}

std::string pairs_task(const Passage& passage) {
  return shown(passage) +
         "Write two quiz questions about this passage for people who cannot see it. Each "
         "question must name what it is about. Each answer is one to five words, copied from the "
         "passage, and does not stand in its question. Write lines of this form only:\n"
         "Q: In which year did Apollo 11 land on the Moon?\nA: 1969\n"
         "Q: Who wrote the novel Emma?\nA: Jane Austen";
}

std::string span_task(const Passage& passage, std::string_view answer) {
  return shown(passage) +
         "Write one quiz question about this passage for people who cannot see "
         "it. Its only right answer is \"" +
         std::string(answer) +
         "\". The question must name what it is about and must not contain the answer. Write "
         "nothing but the question.";
}

std::string open_book(std::string shown_passages, std::string_view question) {
  return std::move(shown_passages) + "Question: " + std::string(question) +
         "\nAnswer in one to six words, copied from the passage. Write nothing else.";
}

std::string closed_book(std::string_view question) {
  return "Question: " + std::string(question) + "\nAnswer in one to six words. Write nothing else.";
}

/// Words that point at a text which nobody sees.
constexpr std::string_view kPointing[] = {
    "the passage", "this passage", "the text",      "this text", "the article", "this article",
    "the author",  "the document", "mentioned",     "described", "the above",   "this term",
    "the example", "in question",  "the following", "the image", "depicted",    "passage"};

/// What models put behind a question that is whole without it.
constexpr std::string_view kTails[] = {" described in the passage", " mentioned in the passage",
                                       " according to the passage", " in the given passage",
                                       " in this passage",          " in the passage"};

/// "What is it called in the passage?" → "What is it called?"
std::string without_tail(std::string question) {
  for (const auto tail : kTails) {
    const auto end = std::string(tail) + "?";
    if (!lower(question).ends_with(end)) continue;
    question.resize(question.size() - end.size());
    return question + "?";
  }
  return question;
}

bool is_same_stem(std::string_view a, std::string_view b) {
  return a.substr(0, kStemBytes) == b.substr(0, kStemBytes);
}

/// Whether the question names the passage's title, or something that has a name and stands in it.
bool is_specific(std::string_view question, const Passage& passage) {
  const auto lowered = lower(question);
  const auto asked = words_of(lowered);
  const auto title = lower(passage.title);
  for (const auto word : words_of(title)) {
    const bool is_short = word.size() < 3 && words_of(title).size() > 1;
    if (!is_short && std::ranges::any_of(asked, [&](auto w) { return is_same_stem(w, word); })) {
      return true;
    }
  }
  const auto written = words_of(question);
  for (std::size_t i = 1; i < written.size(); ++i) {
    if (is_capital(written[i].front()) && eval::says(passage.text, written[i])) return true;
  }
  return false;
}

/// The beginnings of the words of a text, of those that have `n_bytes_min` or more.
std::set<std::string> stems_of(std::string_view text, std::size_t n_bytes_min) {
  std::set<std::string> out;
  for (const auto word : words_of(text)) {
    if (word.size() >= n_bytes_min) out.insert(lower(word.substr(0, kStemBytes)));
  }
  return out;
}

std::set<std::string> stems_of(const Passage& passage) {
  return stems_of(passage.title + "\n" + passage.text, 1);
}

/// Whether each name in the question stands in the passage. The first word of a sentence has a
/// capital whatever it is.
bool is_on_topic(std::string_view question, const Passage& passage) {
  const auto told = stems_of(passage);
  return std::ranges::all_of(words_of(question), [&](auto word) {
    const auto before =
        trimmed(question.substr(0, static_cast<std::size_t>(word.data() - question.data())));
    const bool is_first = before.empty() || std::string_view(".:?!\"").contains(before.back());
    return is_first || !is_capital(word.front()) ||
           told.contains(lower(word.substr(0, kStemBytes)));
  });
}

/// Whether a question for a term says of it what no other passage says: else it is a question for
/// many terms.
bool is_described(std::string_view question, const Passage& passage,
                  std::span<const Passage> elsewhere) {
  const auto told = stems_of(passage);
  auto described = stems_of(question, kOwnWordBytes);
  std::erase_if(described, [&](const auto& stem) { return !told.contains(stem); });
  return std::ranges::all_of(elsewhere, [&](const auto& other) {
    return !std::ranges::includes(stems_of(other), described);
  });
}

/// "9.5. Buying Shares › 9.5.2. Buying New Shares" is about "Buying New Shares".
std::string_view subject_of(std::string_view title) {
  constexpr std::string_view kBelow = "›";
  if (const auto last = title.rfind(kBelow); last != std::string_view::npos)
    title = trimmed(title.substr(last + kBelow.size()));
  const auto name = title.find_first_not_of("0123456789.");
  return name == std::string_view::npos ? title : trimmed(title.substr(name));
}

/// A question that leaves open what it is about, with its subject in front: nobody could answer it
/// otherwise. Not where the subject is the answer.
std::string with_subject(std::string question, std::string_view answer, const Passage& passage) {
  if (eval::says(passage.title, answer) || is_specific(question, passage)) return question;
  return "About " + std::string(subject_of(passage.title)) + ": " + question;
}

/// "What is a mutex?": a passage about it says many things that answer this.
bool is_open_ended(std::string_view question, const Passage& passage) {
  for (const std::string_view begin : {"what is ", "what are ", "what does ", "define "}) {
    const auto lowered = lower(question);
    if (!lowered.starts_with(begin)) continue;
    const auto rest = std::string_view(lowered).substr(begin.size());
    const auto title = lower(passage.title);
    const auto n_more =
        words_of(rest).size() - std::min(words_of(rest).size(), words_of(title).size());
    return eval::says(rest, title) && n_more <= kOpenWordsMax;
  }
  return false;
}

/// Whether a title is a term that one can ask for, and no place in a document.
bool is_term(std::string_view title) {
  return words_of(title).size() <= kAnswerWordsMax && title.size() <= kAnswerBytesMax &&
         !title.contains("›") && eval::has_words(title);
}

/// One line of the model's, without the quotes that some put around it.
std::string_view unquoted(std::string_view text) {
  text = trimmed(text.substr(0, text.find('\n')));
  if (text.starts_with("Q: ") || text.starts_with("A: ")) text = trimmed(text.substr(2));
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// A short answer without what models put around it.
std::string_view bare(std::string_view text) {
  text = unquoted(text);
  while (!text.empty() && (text.back() == '.' || text.back() == ',')) text.remove_suffix(1);
  return text;
}

/// The answer and the other names that the passage has for it; none that the question says.
std::vector<std::string> names_of(const Pair& pair, const Passage& passage) {
  std::vector<std::string> out{pair.answer};
  for (auto& name : other_names(pair.answer, passage)) {
    if (!eval::says(pair.question, name)) out.push_back(std::move(name));
  }
  return out;
}

bool is_right(std::string_view said, const Pair& pair, const Passage& passage) {
  return eval::is_right(said, {pair.question, names_of(pair, passage), {}});
}

}  // namespace

std::string_view name(Rejection rejection) {
  switch (rejection) {
    case Rejection::malformed:
      return "not in the form that was asked for";
    case Rejection::not_in_passage:
      return "answer not in the passage";
    case Rejection::gives_away:
      return "gives its answer away";
    case Rejection::vague:
      return "does not say what it is about";
    case Rejection::off_topic:
      return "names what the passage does not";
    case Rejection::open_ended:
      return "has more right answers than one";
    case Rejection::twice:
      return "asked before";
    case Rejection::wrong_with_text:
      return "the teacher, reading the passage, finds no answer";
    case Rejection::known_without:
      return "the teacher knows it without the passage";
  }
  return "";
}

bool any_says(std::span<const Passage> passages, std::string_view answer) {
  return std::ranges::any_of(passages, [&](const Passage& passage) {
    return eval::says(passage.title + "\n" + passage.text, answer);
  });
}

std::vector<Pair> parse_pairs(std::string_view text, std::uint64_t& n_malformed) {
  std::vector<Pair> out;
  std::string question;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (line.starts_with("Q: ") && question.empty()) {
      question = trimmed(line.substr(2));
    } else if (line.starts_with("A: ") && !question.empty()) {
      out.push_back({std::move(question), std::string(trimmed(line.substr(2)))});
      question.clear();
    } else {
      ++n_malformed;
      question.clear();
    }
  }
  n_malformed += question.empty() ? 0 : 1;  // cut in the middle
  return out;
}

std::optional<Rejection> fault_of(std::string_view question, const Passage& passage) {
  if (question.size() > kQuestionBytesMax || !question.ends_with('?') ||
      words_of(question).size() < kQuestionWordsMin) {
    return Rejection::malformed;
  }
  const auto lowered = lower(question);
  if (std::ranges::any_of(kPointing, [&](auto words) { return lowered.contains(words); })) {
    return Rejection::vague;
  }
  if (!is_on_topic(question, passage)) return Rejection::off_topic;
  if (is_open_ended(question, passage)) return Rejection::open_ended;
  return {};
}

std::optional<Rejection> fault_of(const Pair& pair, const Passage& passage) {
  if (const auto fault = fault_of(pair.question, passage)) return fault;
  if (!eval::has_words(pair.answer) || pair.answer.size() > kAnswerBytesMax ||
      words_of(pair.answer).size() > kAnswerWordsMax) {
    return Rejection::malformed;
  }
  if (!any_says(std::span(&passage, 1), pair.answer)) return Rejection::not_in_passage;
  if (eval::says(pair.question, pair.answer)) return Rejection::gives_away;
  // What asks for the term itself says what it means instead of its name.
  if (eval::says(passage.title, pair.answer)) return {};
  if (!is_specific(pair.question, passage)) return Rejection::vague;
  return {};
}

Result<Pair> QuestionWriter::question_for(const Passage& passage, std::string answer,
                                          const Cancel& cancel) {
  const auto text = TRY(backend_.complete({std::string(kTeacher), span_task(passage, answer)},
                                          kQuestionTokens, cancel));
  return Pair{std::string(unquoted(text)), std::move(answer)};
}

Result<> QuestionWriter::write_pairs(Work& work, const Cancel& cancel) {
  const auto text = TRY(
      backend_.complete({std::string(kTeacher), pairs_task(work.passage)}, kPairsTokens, cancel));
  std::uint64_t n_malformed = 0;
  work.pending = parse_pairs(text, n_malformed);
  std::ranges::reverse(work.pending);
  report_.n_written += n_malformed;
  report_.n_rejected[static_cast<std::size_t>(Rejection::malformed)] += n_malformed;
  return {};
}

/// What has not been tried yet: what the title is the answer to, since that needs the fewest words
/// of the model; then one question for each span; then questions of the model's own choice, of
/// which the most fall.
Result<std::optional<Pair>> QuestionWriter::propose(Work& work, const Cancel& cancel) {
  using Stage = Work::Stage;
  if (work.stage == Stage::term) {
    work.stage = Stage::spans;
    work.spans = answer_spans(work.passage, kSpansMax);
    std::ranges::reverse(work.spans);
    if (is_term(work.passage.title)) {
      return TRY(question_for(work.passage, work.passage.title, cancel));
    }
  }
  if (!work.spans.empty()) {
    auto answer = std::move(work.spans.back());
    work.spans.pop_back();
    return TRY(question_for(work.passage, std::move(answer), cancel));
  }
  if (work.stage == Stage::spans) {
    work.stage = Stage::free;
    TRY(write_pairs(work, cancel));
  }
  if (work.pending.empty()) return std::nullopt;
  std::optional<Pair> out(std::move(work.pending.back()));
  work.pending.pop_back();
  return out;
}

Result<std::string> QuestionWriter::answer(std::string task, const Cancel& cancel) {
  return backend_.complete({std::string(kTeacher), std::move(task)}, kAnswerTokens, cancel);
}

Result<std::optional<Rejection>> QuestionWriter::settle_answer(Pair& pair, const Passage& passage,
                                                               const Cancel& cancel) {
  const auto fault = fault_of(pair, passage);
  auto read = TRY(answer(open_book(shown(passage), pair.question), cancel));
  if (!fault && is_right(read, pair, passage)) return std::nullopt;
  Pair own{pair.question, std::string(bare(read))};
  if (fault_of(own, passage)) return fault ? fault : Rejection::wrong_with_text;
  pair.answer = std::move(own.answer);
  return std::nullopt;
}

Result<bool> QuestionWriter::is_unambiguous(Pair& pair, const Passage& passage,
                                            std::span<const Passage> elsewhere,
                                            const Cancel& cancel) {
  if (elsewhere.empty()) return true;
  auto passages = shown(passage);
  for (const auto& other : elsewhere | std::views::take(kElsewhereMax)) {
    const auto text = text::first_bytes(other.text, kElsewhereBytesMax);
    passages += shown({other.document, other.title, std::string(text)});
  }
  const auto read = TRY(answer(open_book(std::move(passages), pair.question), cancel));
  if (is_right(read, pair, passage)) return true;
  Pair shorter{pair.question, std::string(bare(read))};
  if (!eval::says(pair.answer, shorter.answer) || fault_of(shorter, passage)) return false;
  pair.answer = std::move(shorter.answer);
  return true;
}

Result<std::variant<QuestionWriter::Written, Rejection>> QuestionWriter::judge(
    Pair& pair, const Passage& passage, const Cancel& cancel) {
  if (const auto fault = fault_of(pair.question, passage)) return *fault;
  pair.question = with_subject(std::move(pair.question), pair.answer, passage);
  if (!asked_.insert(lower(pair.question)).second) return Rejection::twice;
  if (const auto fault = TRY(settle_answer(pair, passage, cancel))) return *fault;
  const auto elsewhere = TRY(elsewhere_(pair.question));
  Written out;
  out.may_be_known = any_says(elsewhere, pair.answer);
  if (!out.may_be_known && !TRY(is_unambiguous(pair, passage, elsewhere, cancel)))
    return Rejection::open_ended;
  if (eval::says(passage.title, pair.answer) && !is_described(pair.question, passage, elsewhere))
    return Rejection::vague;
  out.exam = {pair.question, names_of(pair, passage), {}};
  const auto guessed = TRY(backend_.complete({std::string(kStudent), closed_book(pair.question)},
                                             kAnswerTokens, cancel));
  if (eval::is_right(guessed, out.exam)) {
    if (known_ == Known::drop) return Rejection::known_without;
    out.may_be_known = true;
  }
  return out;
}

Result<std::optional<QuestionWriter::Written>> QuestionWriter::next(Work& work,
                                                                    const Cancel& cancel) {
  for (;;) {
    auto pair = TRY(propose(work, cancel));
    if (!pair) return std::nullopt;
    pair->question = without_tail(std::move(pair->question));
    ++report_.n_written;
    auto judged = TRY(judge(*pair, work.passage, cancel));
    if (auto* const written = std::get_if<Written>(&judged)) {
      ++report_.n_kept;
      return std::move(*written);
    }
    const auto why = std::get<Rejection>(judged);
    ++report_.n_rejected[static_cast<std::size_t>(why)];
    report_.rejected.push_back({*std::move(pair), why});
  }
}

}  // namespace plmm::teacher
