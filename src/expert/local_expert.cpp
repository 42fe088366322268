// Question → passages → prompt → answer with citations → receipt.
#include "expert/local_expert.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "eval/right.h"
#include "expert/cited_stream.h"
#include "expert/contributions.h"
#include "expert/support.h"
#include "infer/engine.h"
#include "infer/shared_batch.h"
#include "protocol/receipt.h"
#include "text/chat_template.h"

namespace plmm::expert {
namespace {

constexpr int kCandidates = 32;  // that the search hands over to be ordered anew
// Beside the cosine of question and passage, which is 0.2 to 0.8.
constexpr double kCoverageWeight = 0.4;
constexpr double kTitleWeight = 0.1;
// Of an answer in an exam: three plain sentences, as the instruction asks for, have fewer.
constexpr std::uint64_t kExamTokensMax = 128;
constexpr int kPassagesOfTitleMax = 2;  // a long article leaves room for others
constexpr std::string_view kInstruction =
    "You answer questions about {title} from the passages that the user shows you. Answer in one "
    "to three plain sentences, with the words of the passages, and say nothing that is not in "
    "them. If they do not answer the question, reply only: ";

std::string instruction(const std::string& title) {
  std::string out(kInstruction);
  constexpr std::string_view kTitle = "{title}";
  out.replace(out.find(kTitle), kTitle.size(), title);
  return out += kNothingFound;
}

/// The pieces of one answer on their way to the asker.
class Chunks {
 public:
  explicit Chunks(const protocol::OnChunk& on_chunk) : on_chunk_(on_chunk) {}

  void add(std::string_view text) {
    if (text.empty()) return;
    answer_ += text;
    on_chunk_({.number = n_++, .text = std::string(text)});
  }
  const std::string& answer() const { return answer_; }

 private:
  const protocol::OnChunk& on_chunk_;
  std::string answer_;
  std::uint64_t n_ = 0;
};

}  // namespace

LocalExpert::LocalExpert(Library library, infer::Engine& engine, infer::Session session)
    : library_(std::move(library)), engine_(&engine), session_(std::move(session)) {}

Result<std::unique_ptr<LocalExpert>> LocalExpert::create(Library library, infer::Engine& engine,
                                                         const AnswerOptions& options) {
  if (!engine.chat_template()) return std::unexpected(engine.chat_template().error());
  const auto n_context =
      static_cast<int>(library.card().n_tokens_in_max) + std::max(options.n_answer_tokens_max, 1);
  auto session = TRY(infer::Session::create(engine, n_context));
  std::unique_ptr<LocalExpert> out(new LocalExpert(std::move(library), engine, std::move(session)));
  out->options_ = options;
  out->session_.use_prefixes(options.prefixes);
  if (options.prefixes) out->n_fixed_ = out->n_fixed();
  return out;
}

Result<protocol::ExpertCard> LocalExpert::card() {
  const std::lock_guard guard(mutex_);
  TRY(library_.refresh());
  return library_.card();
}

/// The passages that have to do with the question, best first. The search finds candidates; which
/// of them are about what is asked, its words, its names and their titles tell.
Result<std::vector<search::Hit>> LocalExpert::relevant(Library& library,
                                                       std::string_view question) const {
  const auto found = TRY(library.find(question, kCandidates));
  const auto asked = content_words(question);
  float nearest = 0;
  for (const auto& hit : found) nearest = std::max(nearest, hit.similarity);
  const float enough = std::max(options_.similarity_min, options_.similarity_share_min * nearest);
  std::vector<search::Hit> named, others;  // with one of the names that are asked for; without
  for (auto hit : found) {
    const auto words = content_words(hit.title + "\n" + hit.text);
    const double covered = coverage(asked, words);
    if (hit.similarity < enough && covered < options_.coverage_min) continue;
    hit.score = hit.similarity + kCoverageWeight * covered +
                kTitleWeight * coverage(content_words(hit.title), asked);
    const bool has_name = std::ranges::any_of(
        asked.names, [&](const auto& name) { return words.words.contains(name); });
    (has_name ? named : others).push_back(std::move(hit));
  }
  auto hits = std::move(named.empty() ? others : named);
  std::ranges::stable_sort(hits, std::greater(), &search::Hit::score);
  std::map<std::pair<std::string, std::string>, int> n_of_title;
  std::erase_if(hits, [&](const search::Hit& hit) {
    return ++n_of_title[{hit.document, hit.title}] > kPassagesOfTitleMax;
  });
  hits.resize(std::min(hits.size(), static_cast<std::size_t>(options_.n_hits_max)));
  return hits;
}

/// What two prompts that have nothing else in common begin with.
std::size_t LocalExpert::n_fixed() const {
  const auto one = prompt("a", {}), other = prompt("?", {});
  const auto with_passage = prompt("a", std::vector<search::Hit>(1));
  const auto [end, ignored] = std::ranges::mismatch(one, other);
  const auto [sooner, also_ignored] = std::ranges::mismatch(one, with_passage);
  return static_cast<std::size_t>(std::min(end, sooner) - one.begin());
}

/// Question and passages are contents of a turn: whatever stands in them, encode_chat() makes plain
/// text of it.
std::vector<text::TokenId> LocalExpert::prompt(std::string_view question,
                                               std::span<const search::Hit> passages) const {
  std::string user = "Passages:\n";
  for (const auto& passage : passages) user += "\n" + passage.title + "\n" + passage.text + "\n";
  user += "\nQuestion: ";
  user += question;
  const std::vector<text::Message> messages{
      {text::Role::system, instruction(library_.card().title)},
      {text::Role::user, std::move(user)}};
  return text::encode_chat(*engine_->chat_template(), messages, engine_->tokenizer());
}

Result<std::vector<text::TokenId>> LocalExpert::fitting_prompt(
    std::string_view question, std::vector<search::Hit>& passages) const {
  const auto n_max = static_cast<std::size_t>(library_.card().n_tokens_in_max);
  std::vector<search::Hit> fitting;
  std::vector<text::TokenId> out;
  for (auto& passage : passages) {
    fitting.push_back(std::move(passage));
    auto tokens = prompt(question, fitting);
    if (tokens.size() > n_max) {
      fitting.pop_back();  // a later one may be shorter
    } else {
      out = std::move(tokens);
    }
  }
  passages = std::move(fitting);
  if (out.empty()) {
    return fail(ErrorCode::limit_exceeded, "the question is too long for " + library_.card().name +
                                               ", which reads " + std::to_string(n_max) +
                                               " tokens, passages included");
  }
  return out;
}

infer::GenerateOptions LocalExpert::generate_options(std::uint64_t n_tokens_max) const {
  infer::GenerateOptions options;
  options.sampler.temperature = 0;  // the same question gets the same answer
  options.sampler.repeat_penalty = 1;
  options.n_tokens_max = static_cast<int>(std::min<std::uint64_t>(
      n_tokens_max, static_cast<std::uint64_t>(options_.n_answer_tokens_max)));
  options.stop = text::stop_texts(*engine_->chat_template());
  options.n_prompt_fixed = n_fixed_;
  return options;
}

Result<infer::Generation> LocalExpert::generate(std::vector<text::TokenId> prompt,
                                                std::uint64_t n_tokens_max,
                                                const infer::OnText& on_text,
                                                const Cancel& cancel) {
  const auto options = generate_options(n_tokens_max);
  if (!options_.batch) return session_.generate(prompt, options, on_text, cancel);
  infer::BatchRequest request;
  request.prompt = std::move(prompt);
  request.options = options;
  request.prefixes = options_.prefixes;
  request.on_text = on_text;
  request.cancel = &cancel;
  return options_.batch->generate(std::move(request));
}

Result<std::vector<text::TokenId>> LocalExpert::exam_prompt(Library& library,
                                                            std::string_view question) const {
  auto passages = TRY(relevant(library, question));
  if (passages.empty()) return std::vector<text::TokenId>();
  return fitting_prompt(question, passages);
}

Examinee LocalExpert::examinee(Library& library, const Cancel& cancel) {
  Examinee out;
  out.reading = [this, &library](const std::string& question) -> Result<crypto::Digest> {
    const auto tokens = TRY(exam_prompt(library, question));
    return crypto::sha256(std::as_bytes(std::span(tokens)));
  };
  out.passages = [this, &library](const std::string& question) {
    return relevant(library, question);
  };
  out.answer = [this, &library, &cancel](const std::string& question) -> Result<std::string> {
    const auto tokens = TRY(exam_prompt(library, question));
    if (tokens.empty()) return std::string(kNothingFound);
    auto generation = TRY(generate(tokens, kExamTokensMax, nullptr, cancel));
    if (generation.stop != infer::StopReason::cancelled) return std::move(generation.text);
    return fail(ErrorCode::cancelled, "the exam was stopped");
  };
  return out;
}

protocol::AnswerEnd LocalExpert::sign(const protocol::Ask& ask, const protocol::ExpertCard& card,
                                      std::string_view answer, protocol::AnswerEnd end) {
  auto& receipt = end.receipt;
  receipt.request = ask.request;
  receipt.expert = card.name;
  receipt.release = card.release;
  receipt.question_sha256 = protocol::digest_of(ask.question);
  receipt.answer_sha256 = protocol::digest_of(answer);
  const std::lock_guard guard(mutex_);
  protocol::sign_receipt(receipt, library_.key());
  return end;
}

Result<LocalExpert::Reading> LocalExpert::read(const protocol::Ask& ask) {
  const std::lock_guard guard(mutex_);
  Reading out;
  out.card = library_.card();
  if (ask.expert != out.card.name) {
    return fail(ErrorCode::not_found, "this is " + out.card.name + ", the question is for another");
  }
  out.passages = TRY(relevant(library_, ask.question));
  if (!out.passages.empty()) out.prompt = TRY(fitting_prompt(ask.question, out.passages));
  return out;
}

Result<protocol::AnswerEnd> LocalExpert::ask(const protocol::Ask& ask,
                                             const protocol::OnChunk& on_chunk,
                                             const Cancel& cancel) {
  TRY(protocol::check(ask));
  auto [card, passages, prompt] = TRY(read(ask));
  Chunks chunks(on_chunk);
  protocol::AnswerEnd end;
  if (passages.empty()) {
    chunks.add(kNothingFound);
    end.outcome = protocol::Outcome::not_found;
    return sign(ask, card, chunks.answer(), std::move(end));
  }
  CitedStream cited(passages, ask.question, [&](std::string_view text) { chunks.add(text); });
  const auto generation = TRY(generate(
      std::move(prompt), ask.n_answer_tokens_max, [&](std::string_view text) { cited.push(text); },
      cancel));
  if (generation.stop == infer::StopReason::cancelled) {
    return fail(ErrorCode::cancelled, "the answer was stopped; it costs nothing");
  }
  cited.finish();
  end.citations = cited.citations();
  end.receipt.tokens = {.n_in = static_cast<std::uint64_t>(generation.n_prompt),
                        .n_out = generation.tokens.size()};
  if (generation.text.starts_with(kNothingFound)) {
    end.outcome = protocol::Outcome::not_found;  // and the price 0
  } else {
    end.receipt.price = TRY(protocol::billed(card.prices, end.receipt.tokens, ask.price_max));
    const bool whole = generation.stop == infer::StopReason::end_of_turn ||
                       generation.stop == infer::StopReason::stop_text;
    end.outcome = whole ? protocol::Outcome::answered : protocol::Outcome::cut;
  }
  return sign(ask, card, chunks.answer(), std::move(end));
}

Result<protocol::Verdict> LocalExpert::contribute(const protocol::Contribution& contribution,
                                                  const Cancel& cancel) {
  return judge(*this, contribution, cancel);
}

}  // namespace plmm::expert
