// Kinds of a file one after the other, and figures from their outcomes.
#include "measure/metrics.h"

#include <algorithm>

#include "eval/score.h"
#include "infer/engine.h"
#include "model/model.h"

namespace plmm::measure {
namespace {

constexpr double kChanceMax = 0.05;

/// Counts one kind for who watches.
class Counting {
 public:
  Counting(const OnMeasured& on_measured, std::string_view what, std::size_t n_total)
      : on_measured_(on_measured), what_(what), n_total_(n_total) {
    (*this)(0);
  }
  void operator()(std::size_t n_more) {
    n_done_ += n_more;
    if (on_measured_) on_measured_(what_, n_done_, n_total_);
  }

 private:
  const OnMeasured& on_measured_;
  std::string_view what_;
  std::size_t n_done_ = 0;
  std::size_t n_total_;
};

/// Windows that the model takes.
WindowOptions fitting(WindowOptions options, const Subject& subject) {
  options.window = std::min(options.window, subject.engine->model().config().n_context);
  options.stride = std::min(options.stride, options.window - 1);
  return options;
}

Result<std::vector<Stretch>> predict_all(Scorer& scorer, const Subject& subject,
                                         std::span<const train::Document> documents,
                                         const MeasureOptions& options, const Cancel& cancel,
                                         const OnMeasured& on_measured) {
  if (documents.empty()) return std::vector<Stretch>();
  std::vector<train::Sequence> sequences;
  for (const auto& document : documents)
    sequences.push_back(TRY(encode_document(document, *subject.engine)));
  const auto windows = fitting(options.windows, subject);
  Counting counting(on_measured, "tokens", n_fed(sequences, windows));
  auto out = TRY(predict(scorer, subject.engine->tokenizer(), sequences, windows, cancel,
                         [&](std::size_t n) { counting(n); }));
  if (!out.empty()) return out;
  return fail(ErrorCode::invalid_argument,
              documents.front().file +
                  ": its text is a single token, so there is nothing to "
                  "predict; give more text");
}

/// Which questions one model answered right.
using Rights = std::vector<bool>;

Comparison compare(const Rights& ours, const Rights& theirs, std::uint64_t seed) {
  std::vector<eval::Unit> units;
  std::size_t n_theirs = 0, n_only_ours = 0, n_only_theirs = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    n_theirs += theirs[i] ? 1U : 0U;
    n_only_ours += ours[i] && !theirs[i] ? 1U : 0U;
    n_only_theirs += theirs[i] && !ours[i] ? 1U : 0U;
    units.push_back({(ours[i] ? 1.0 : 0.0) - (theirs[i] ? 1.0 : 0.0), 1});
  }
  Comparison out;
  out.value = eval::Score{ours.size(), n_theirs}.share();
  out.change = Estimate{eval::mean_of(units), eval::bootstrap_interval(units, seed)};
  out.p = eval::mcnemar_p(n_only_ours, n_only_theirs);
  if (*out.p < kChanceMax)
    out.verdict = n_only_ours > n_only_theirs ? Verdict::better : Verdict::worse;
  return out;
}

Metric share(std::string_view name, std::string_view kind, const Rights& ours, const Rights* theirs,
             std::uint64_t seed) {
  const auto n_right = static_cast<std::size_t>(std::ranges::count(ours, true));
  const eval::Score score{ours.size(), n_right};
  Metric out{name, kind, {score.share(), eval::wilson_interval(score)}, ours.size(), n_right, {}};
  if (theirs != nullptr) out.comparison = compare(ours, *theirs, seed);
  return out;
}

/// Less is better; `same` is the change that is none.
Verdict verdict_of(const std::optional<Estimate>& change, double same) {
  if (!change || !change->interval) return Verdict::undecided;
  if (change->interval->high < same) return Verdict::better;
  return change->interval->low > same ? Verdict::worse : Verdict::undecided;
}

void add_predictions(std::string_view kind, std::size_t n_documents, std::span<const Stretch> ours,
                     const std::vector<Stretch>* theirs, std::uint64_t seed,
                     std::vector<Metric>& out) {
  if (n_documents == 0) return;
  double n_tokens = 0, n_bytes = 0;
  for (const Stretch& stretch : ours) {
    n_tokens += stretch.n_tokens;
    n_bytes += stretch.n_bytes;
  }
  Metric of_tokens{"perplexity",
                   kind,
                   perplexity(ours, seed),
                   n_documents,
                   static_cast<std::uint64_t>(n_tokens),
                   {}};
  Metric of_bytes{"bits_per_byte",
                  kind,
                  bits_per_byte(ours, seed),
                  n_documents,
                  static_cast<std::uint64_t>(n_bytes),
                  {}};
  if (theirs != nullptr) {
    const auto ratio = ratio_of_perplexities(ours, *theirs, seed);
    of_tokens.comparison = {perplexity(*theirs, seed).value, ratio, {}, verdict_of(ratio, 1)};
    const auto bits = difference_of_bits(ours, *theirs, seed);
    of_bytes.comparison = {bits_per_byte(*theirs, seed).value, bits, {}, verdict_of(bits, 0)};
  }
  out.push_back(of_tokens);
  out.push_back(of_bytes);
}

Rights rights(const std::vector<Choice>& choices, bool Choice::* member) {
  Rights out;
  for (const Choice& choice : choices) out.push_back(choice.*member);
  return out;
}

void add_choices(const Outcomes& ours, const Outcomes* theirs, std::uint64_t seed,
                 std::vector<Metric>& out) {
  if (ours.choices.empty()) return;
  for (const auto& [name, member] :
       {std::pair("acc", &Choice::is_right), std::pair("acc_norm", &Choice::is_right_for_length)}) {
    const Rights other = theirs == nullptr ? Rights() : rights(theirs->choices, member);
    out.push_back(share(name, "choices", rights(ours.choices, member),
                        theirs == nullptr ? nullptr : &other, seed));
  }
}

}  // namespace

Result<Outcomes> measure(const Subject& subject, const EvalFile& file,
                         const MeasureOptions& options, const Cancel& cancel,
                         const OnMeasured& on_measured) {
  Outcomes out;
  const auto scorer = TRY(Scorer::create(subject, 0));
  if (!file.choices.empty()) {
    Counting counting(on_measured, "questions", file.choices.size());
    out.choices = TRY(choose(*scorer, subject.engine->tokenizer(), file.choices, options.compared,
                             cancel, [&](std::size_t n) { counting(n); }));
  }
  if (!file.questions.empty()) {
    Counting counting(on_measured, "questions", file.questions.size());
    out.answers = TRY(answer(subject, file.questions, cancel, [&](std::size_t n) { counting(n); }));
  }
  out.texts = TRY(predict_all(*scorer, subject, file.texts, options, cancel, on_measured));
  out.chats = TRY(predict_all(*scorer, subject, file.chats, options, cancel, on_measured));
  return out;
}

std::vector<Metric> metrics(const EvalFile& file, const Outcomes& outcomes, const Outcomes* other,
                            std::uint64_t seed) {
  std::vector<Metric> out;
  add_choices(outcomes, other, seed, out);
  if (!outcomes.answers.empty()) {
    out.push_back(share("exact_match", "questions", outcomes.answers,
                        other == nullptr ? nullptr : &other->answers, seed));
  }
  add_predictions("texts", file.texts.size(), outcomes.texts,
                  other == nullptr ? nullptr : &other->texts, seed, out);
  add_predictions("chats", file.chats.size(), outcomes.chats,
                  other == nullptr ? nullptr : &other->chats, seed, out);
  return out;
}

}  // namespace plmm::measure
