// Prompts for choices and for answers, and what the model makes of them.
#include "measure/questions.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/narrow.h"
#include "eval/right.h"
#include "infer/batch.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::measure {
namespace {

using text::TokenId;
using Tokens = std::vector<TokenId>;

std::string letter(std::size_t index) { return {static_cast<char>('A' + index)}; }

/// Whether a byte of UTF-8 is the first of a character.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::unexpected<Error> at_line(std::uint64_t line, const Error& error) {
  return fail(error.code, "line " + std::to_string(line) + ": " + error.what);
}

std::string prompt_of(const eval::ChoiceQuestion& question, Compared compared) {
  std::string out = "Question: " + question.question + "\n";
  if (compared == Compared::letters) {
    for (std::size_t i = 0; i < question.choices.size(); ++i)
      out += letter(i) + ". " + question.choices[i] + "\n";
  }
  return out + "Answer:";
}

Tokens encode(const text::Tokenizer& tokenizer, const std::string& text) {
  Tokens out = tokenizer.encode(text, text::Special::plain);
  if (tokenizer.add_bos() && tokenizer.bos()) out.insert(out.begin(), *tokenizer.bos());
  return out;
}

/// Prompt and choice are encoded as one text, since a token may reach over their border; what all
/// of these have in common is the context.
Candidates candidates_of(const eval::ChoiceQuestion& question, Compared compared,
                         const text::Tokenizer& tokenizer) {
  const std::string prompt = prompt_of(question, compared);
  std::vector<Tokens> whole;
  std::size_t n_common = encode(tokenizer, prompt).size();
  for (std::size_t i = 0; i < question.choices.size(); ++i) {
    const auto& choice = question.choices[i];
    whole.push_back(
        encode(tokenizer, prompt + " " + (compared == Compared::letters ? letter(i) : choice)));
    const auto [same, ignored] = std::ranges::mismatch(whole.front(), whole.back());
    n_common = std::min({n_common, whole.back().size() - 1,
                         static_cast<std::size_t>(same - whole.front().begin())});
  }
  // Identical choices have everything in common.
  for (const Tokens& tokens : whole) n_common = std::min(n_common, tokens.size() - 1);
  Candidates out{
      {whole.front().begin(), whole.front().begin() + static_cast<std::ptrdiff_t>(n_common)}, {}};
  for (const Tokens& tokens : whole)
    out.endings.emplace_back(tokens.begin() + static_cast<std::ptrdiff_t>(n_common), tokens.end());
  return out;
}

std::size_t n_tokens_of(const Candidates& candidates) {
  const auto longest = std::ranges::max_element(candidates.endings, {}, &Tokens::size);
  return candidates.context.size() + longest->size();
}

Choice judge(const eval::ChoiceQuestion& question, Compared compared,
             const LogProbabilities& endings) {
  std::vector<double> sums, means;
  for (std::size_t i = 0; i < endings.size(); ++i) {
    sums.push_back(std::accumulate(endings[i].begin(), endings[i].end(), 0.0));
    const auto n = std::ranges::count_if(question.choices[i], begins_character);
    means.push_back(compared == Compared::letters ? sums[i] : sums[i] / static_cast<double>(n));
  }
  const auto best = [](const auto& values) {
    return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
  };
  return {best(sums) == question.answer, best(means) == question.answer};
}

/// The questions of answer() as they go through a batch.
class Answering {
 public:
  Answering(const Subject& subject, std::span<const AtLine<eval::ExamQuestion>> questions,
            const std::function<void(std::size_t)>& on_done)
      : subject_(subject), questions_(questions), on_done_(on_done), right_(questions.size()) {}

  Result<std::vector<bool>> run(const Cancel& cancel) {
    infer::Engine& engine = *subject_.engine;
    const auto& family = engine.chat_template();
    if (!family) return std::unexpected(family.error());
    std::vector<Tokens> prompts;
    std::size_t n_longest = 0;
    for (const auto& question : questions_) {
      prompts.push_back(prompt(question.item.question, *family));
      n_longest = std::max(n_longest, prompts.back().size());
    }
    infer::BatchLimits limits;
    limits.n_context =
        std::min(engine.model().config().n_context, narrow<int>(n_longest) + kAnswerTokensMax);
    batch_ = TRY(infer::Batch::create(engine, limits));
    options_.n_tokens_max = kAnswerTokensMax;
    options_.sampler.repeat_penalty = 1;
    options_.stop = text::stop_texts(*family);
    std::size_t next = 0;
    for (bool is_busy = true; is_busy || next < prompts.size();) {
      while (next < prompts.size() &&
             batch_->n_running() + batch_->n_waiting() < limits.n_sequences_max) {
        TRY(add(next, std::move(prompts[next])));
        ++next;
      }
      if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
      is_busy = batch_->step(cancel);
      TRY(failure_);
    }
    return right_;
  }

 private:
  Tokens prompt(const std::string& question, text::TemplateFamily family) const {
    std::vector<text::Message> messages;
    if (const auto& system = subject_.engine->default_system(); !system.empty())
      messages.push_back({text::Role::system, system});
    messages.push_back({text::Role::user, question});
    return text::encode_chat(family, messages, subject_.engine->tokenizer());
  }

  Result<> add(std::size_t index, Tokens prompt) {
    infer::BatchRequest request;
    request.prompt = std::move(prompt);
    request.options = options_;
    request.adapter = subject_.adapter;
    request.adapter_scale = subject_.scale;
    request.on_end = [this, index](Result<infer::Generation> answer) {
      if (!answer) {
        failure_ = at_line(questions_[index].line, answer.error());
        return;
      }
      right_[index] = eval::is_right(answer->text, questions_[index].item);
      if (on_done_) on_done_(1);
    };
    const auto added = batch_->add(std::move(request));
    if (!added) return at_line(questions_[index].line, added.error());
    return {};
  }

  const Subject& subject_;
  std::span<const AtLine<eval::ExamQuestion>> questions_;
  const std::function<void(std::size_t)>& on_done_;
  std::vector<bool> right_;
  infer::GenerateOptions options_;
  Result<> failure_;
  std::unique_ptr<infer::Batch> batch_;
};

}  // namespace

Result<std::vector<Choice>> choose(Scorer& scorer, const text::Tokenizer& tokenizer,
                                   std::span<const AtLine<eval::ChoiceQuestion>> questions,
                                   Compared compared, const Cancel& cancel,
                                   const std::function<void(std::size_t)>& on_done) {
  std::vector<Candidates> candidates;
  for (const auto& [question, line] : questions) {
    candidates.push_back(candidates_of(question, compared, tokenizer));
    const auto n = n_tokens_of(candidates.back());
    if (n <= static_cast<std::size_t>(scorer.n_context())) continue;
    return fail(ErrorCode::invalid_argument,
                "line " + std::to_string(line) + ": question and choice have " + std::to_string(n) +
                    " tokens, and the model takes " + std::to_string(scorer.n_context()) +
                    "; shorten or remove it");
  }
  const auto known = TRY(scorer.score(candidates, cancel, on_done));
  std::vector<Choice> out;
  for (std::size_t i = 0; i < questions.size(); ++i)
    out.push_back(judge(questions[i].item, compared, known[i]));
  return out;
}

Result<std::vector<bool>> answer(const Subject& subject,
                                 std::span<const AtLine<eval::ExamQuestion>> questions,
                                 const Cancel& cancel,
                                 const std::function<void(std::size_t)>& on_done) {
  if (questions.empty()) return std::vector<bool>();
  return Answering(subject, questions, on_done).run(cancel);
}

}  // namespace plmm::measure
