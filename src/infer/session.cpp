// Prefill, decode loop and stop conditions.
#include "infer/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/check.h"
#include "infer/answer_writer.h"
#include "infer/prefix_store.h"
#include "infer/sequence.h"
#include "infer/speculation.h"
#include "model/forward.h"
#include "model/kv_cache.h"
#include "model/model.h"

namespace plmm::infer {
namespace {

constexpr int kScoreChunk =
    32;  // positions whose logits are kept at once (151,936 · 4 · 32 = 19 MB)

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Session::Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::set_chunk(int n_tokens) { chunk_ = std::clamp(n_tokens, 1, kChunkMax); }

Result<Session> Session::create(Engine& engine, int n_context) {
  const auto& model = engine.model();
  Session out;
  out.engine_ = &engine;
  out.n_context_ = TRY(context_of(model, n_context));
  out.cache_ = std::make_unique<model::KvCache>(
      TRY(model::KvCache::create(model.config(), out.n_context_, engine.cache_type())));
  out.workspace_ = TRY(model::Workspace::create(model, std::min(kChunkMax, out.n_context_),
                                                out.n_context_, engine.pool().size()));
  out.logits_.resize(static_cast<std::size_t>(model.config().n_vocabulary));
  return out;
}

std::size_t Session::n_reusable(std::span<const text::TokenId> prompt) const {
  const auto [same, ignored] =
      std::mismatch(tokens_.begin(), tokens_.end(), prompt.begin(), prompt.end());
  // At least the last token is computed: its logits are wanted.
  return std::min(static_cast<std::size_t>(same - tokens_.begin()), prompt.size() - 1);
}

std::size_t Session::hold(std::span<const text::TokenId> prompt) {
  std::size_t n = n_reusable(prompt);
  tokens_.resize(n);  // before the store writes behind them
  if (prefixes_ != nullptr) n = prefixes_->restore(prompt.first(prompt.size() - 1), n, *cache_);
  tokens_.assign(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(n));
  return n;
}

bool Session::feed(std::span<const text::TokenId> prompt, const Cancel& cancel) {
  while (tokens_.size() < prompt.size()) {
    const std::size_t n =
        std::min(prompt.size() - tokens_.size(),
                 static_cast<std::size_t>(std::min(chunk_, workspace_->n_tokens_max())));
    const bool last = tokens_.size() + n == prompt.size();
    const auto part = prompt.subspan(tokens_.size(), n);
    if (!compute(part, last ? 1 : 0, last ? row(0) : std::span<float>(), cancel)) {
      return false;
    }
  }
  return true;
}

bool Session::step(text::TokenId token, const Cancel& cancel) {
  return compute({&token, 1}, 1, row(0), cancel);
}

std::span<float> Session::row(int index) {
  const auto n = static_cast<std::size_t>(engine_->model().config().n_vocabulary);
  return std::span(logits_).subspan(static_cast<std::size_t>(index) * n, n);
}

bool Session::advance(text::TokenId token, const Sampler& sampler, int n_more_max,
                      const Cancel& cancel) {
  if (speculation_ == nullptr) return step(token, cancel);
  if (speculation_->drew(token)) {  // its state and the row behind it are there already
    if (cancel.requested()) return false;
    tokens_.push_back(token);
    ++row_;
    return true;
  }
  const int n_free = std::min(n_context_ - static_cast<int>(tokens_.size()), chunk_) - 1;
  const std::size_t n_held = tokens_.size();
  tokens_.push_back(token);
  const auto guesses =
      speculation_->propose(tokens_, sampler, std::min(n_free, n_more_max), cancel);
  tokens_.pop_back();
  std::vector<text::TokenId> pass{token};
  pass.insert(pass.end(), guesses.begin(), guesses.end());
  const std::size_t n_logits = pass.size() * row(0).size();
  if (logits_.size() < n_logits) logits_.resize(n_logits);
  const auto start = std::chrono::steady_clock::now();
  if (!compute(pass, static_cast<int>(pass.size()), std::span(logits_).first(n_logits), cancel)) {
    return false;
  }
  speculation_->passed(seconds_since(start));
  tokens_.resize(n_held + 1);  // a guess counts once it is drawn; else its state is overwritten
  row_ = 0;
  return true;
}

bool Session::compute(std::span<const text::TokenId> tokens, int n_logits, std::span<float> logits,
                      const Cancel& cancel) {
  if (!model::forward(engine_->model(), *cache_, *workspace_, engine_->pool(), tokens,
                      static_cast<int>(tokens_.size()), n_logits, logits, cancel,
                      {adapter_.get(), adapter_scale_})) {
    return false;
  }
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  return true;
}

void Session::set_adapter(std::shared_ptr<const model::PackedLora> adapter, float scale) {
  CHECK(scale >= 0.0F && scale <= kAdapterScaleMax);
  adapter_ = std::move(adapter);
  adapter_scale_ = scale;
  prefixes_ = nullptr;
  clear();
}

void Session::use_prefixes(std::shared_ptr<PrefixStore> prefixes) {
  CHECK(prefixes == nullptr || prefixes->fits({adapter_.get(), adapter_scale_}, *cache_));
  prefixes_ = std::move(prefixes);
}

void Session::use_speculation(std::unique_ptr<Speculation> speculation) {
  speculation_ = std::move(speculation);
}

Result<Generation> Session::generate(std::span<const text::TokenId> prompt,
                                     const GenerateOptions& options, const OnText& on_text,
                                     const Cancel& cancel) {
  TRY(check_prompt(engine_->model(), prompt, n_context_));
  const auto start = std::chrono::steady_clock::now();
  Generation out;
  out.n_prompt = static_cast<int>(prompt.size());
  out.n_prompt_reused = static_cast<int>(hold(prompt));
  out.stop = StopReason::cancelled;
  if (!feed(prompt, cancel)) return out;
  row_ = 0;
  if (speculation_ != nullptr) speculation_->begin();
  TRY(decode(options, on_text, cancel, start, out));
  if (speculation_ != nullptr) {
    out.n_proposed = speculation_->n_proposed();
    out.n_accepted = speculation_->n_accepted();
  }
  if (prefixes_ != nullptr) {  // now that nobody waits
    prefixes_->remember(tokens_, *cache_);
    prefixes_->keep(prompt.first(std::min(options.n_prompt_fixed, prompt.size())), *cache_);
  }
  return out;
}

Result<> Session::decode(const GenerateOptions& options, const OnText& on_text,
                         const Cancel& cancel, std::chrono::steady_clock::time_point start,
                         Generation& out) {
  AnswerWriter writer(engine_->tokenizer(), options, on_text, n_context_, out);
  for (;;) {
    const text::TokenId token = TRY(writer.choose(row(row_), tokens_));
    if (out.prompt_s == 0.0) out.prompt_s = seconds_since(start);
    if (!writer.take(token, tokens_.size(), cancel)) break;
    const int n_more_max = options.n_tokens_max - static_cast<int>(out.tokens.size()) - 1;
    if (!advance(token, writer.sampler(), n_more_max, cancel)) break;
  }
  writer.finish();
  out.decode_s = seconds_since(start) - out.prompt_s;
  return {};
}

Result<double> Session::certainty(std::span<const text::TokenId> prompt, int n_tokens_max,
                                  const Cancel& cancel) {
  TRY(check_prompt(engine_->model(), prompt, n_context_));
  hold(prompt);
  if (!feed(prompt, cancel)) return fail(ErrorCode::cancelled, "stopped");
  double sum = 0;
  int n = 0;
  for (;;) {
    const auto logits = row(0);
    TRY(check_numbers(logits));
    const auto best = std::ranges::max_element(logits);
    double rest = 0;  // of all probabilities, in units of the best one
    for (const float logit : logits) rest += std::exp(static_cast<double>(logit - *best));
    sum -= std::log(rest);
    ++n;
    const auto token = static_cast<text::TokenId>(best - logits.begin());
    const bool is_full = static_cast<int>(tokens_.size()) >= n_context_;
    if (engine_->tokenizer().is_end(token) || n >= n_tokens_max || is_full) break;
    if (!step(token, cancel)) return fail(ErrorCode::cancelled, "stopped");
  }
  return std::exp(sum / n);
}

Result<> Session::score(
    std::span<const text::TokenId> tokens,
    const std::function<void(int position, std::span<const float> logits)>& on_logits) {
  if (tokens.empty() || tokens.size() > static_cast<std::size_t>(n_context_)) {
    return fail(ErrorCode::invalid_argument, "cannot score " + std::to_string(tokens.size()) +
                                                 " tokens in a context of " +
                                                 std::to_string(n_context_));
  }
  const auto n_vocabulary = static_cast<std::size_t>(engine_->model().config().n_vocabulary);
  TRY(check_ids(engine_->model(), tokens));
  tokens_.clear();
  std::vector<float> logits(n_vocabulary * kScoreChunk);
  const Cancel never;
  for (std::size_t i = 0; i < tokens.size();) {
    const std::size_t n = std::min({tokens.size() - i, static_cast<std::size_t>(kScoreChunk),
                                    static_cast<std::size_t>(workspace_->n_tokens_max())});
    const auto part = tokens.subspan(i, n);
    compute(part, static_cast<int>(n), std::span(logits).first(n * n_vocabulary), never);
    for (std::size_t t = 0; t < n; ++t) {
      on_logits(static_cast<int>(i + t), std::span(logits).subspan(t * n_vocabulary, n_vocabulary));
    }
    i += n;
  }
  return {};
}

}  // namespace plmm::infer
