// Who is computed in a pass and how many tokens of each, and what their logits mean for them.
#include "infer/batch.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/thread_pool.h"
#include "infer/answer_writer.h"
#include "infer/prefix_store.h"
#include "infer/sequence.h"
#include "model/forward.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::infer {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Prompts that share a pass get at least so many rows each, for few rows cost nearly as much as
/// one.
constexpr int kPromptRowsMin = 8;

const Cancel& never() {
  static const Cancel out;
  return out;
}

}  // namespace

/// A sequence from its coming to its end.
struct Batch::Sequence {
  Sequence(BatchRequest asked, Engine& engine, int n_context)
      : request(std::move(asked)),
        writer(engine.tokenizer(), request.options, request.on_text, n_context, answer),
        tokens(std::move(request.prompt)),
        n_prompt(tokens.size()) {
    answer.n_prompt = static_cast<int>(n_prompt);
  }

  BatchRequest request;
  Generation answer;
  AnswerWriter writer;
  std::vector<text::TokenId> tokens;  // prompt and answer as far as it is to be fed
  std::size_t n_prompt;
  std::size_t n_held = 0;  // leading tokens that the cache holds
  std::optional<model::KvCache> cache;
  int n_positions = 0;  // of the cache
  std::uint64_t cache_bytes = 0;
  Clock::time_point start = Clock::now();
  bool served = false;  // by the last pass
  bool ended = false;

  bool reads_prompt() const { return n_held < n_prompt; }
  int n_left() const { return static_cast<int>(tokens.size() - n_held); }
  std::span<const text::TokenId> held() const { return std::span(tokens).first(n_held); }
  const Cancel& cancel() const { return request.cancel ? *request.cancel : never(); }
  model::AppliedLora lora() const { return {request.adapter.get(), request.adapter_scale}; }
};

/// What one sequence gets of a pass.
struct Batch::Share {
  Sequence* sequence;
  int n;                            // tokens behind those that its cache holds
  std::span<float> logits = {};     // of the last one; none in the middle of a prompt
  Result<text::TokenId> next = {};  // what is chosen from them
};

Batch::Batch(Engine& engine, const BatchLimits& limits) : engine_(engine), limits_(limits) {}
Batch::~Batch() = default;

Result<std::unique_ptr<Batch>> Batch::create(Engine& engine, const BatchLimits& limits) {
  if (limits.n_sequences_max < 1 || limits.n_waiting_max < 0 || limits.n_rows_max < 1 ||
      limits.n_prompt_rows_max < 1) {
    return fail(ErrorCode::invalid_argument, "a batch needs at least one sequence and one token");
  }
  std::unique_ptr<Batch> out(new Batch(engine, limits));
  const auto& model = engine.model();
  out->n_context_ = TRY(context_of(model, limits.n_context));
  out->workspace_ = TRY(
      model::Workspace::create(model, limits.n_rows_max, out->n_context_, engine.pool().size()));
  out->logits_.resize(static_cast<std::size_t>(limits.n_sequences_max) *
                      static_cast<std::size_t>(model.config().n_vocabulary));
  return out;
}

Result<> Batch::add(BatchRequest request) {
  const auto& model = engine_.model();
  TRY(check_prompt(model, request.prompt, n_context_));
  CHECK(request.adapter_scale >= 0.0F && request.adapter_scale <= Session::kAdapterScaleMax);
  // What is reserved is what the answer may need, so that it never ends for want of memory.
  const auto n_most =
      static_cast<std::int64_t>(request.prompt.size()) + std::max(request.options.n_tokens_max, 1);
  const auto n_positions = static_cast<int>(std::min<std::int64_t>(n_most, n_context_));
  const auto bytes = model::KvCache::bytes(model.config(), n_positions, engine_.cache_type());
  if (bytes > limits_.cache_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the answer may need a cache of " + std::to_string(bytes) +
                    " bytes, all answers together have " + std::to_string(limits_.cache_bytes_max) +
                    "; shorten the prompt or ask for a shorter answer: --max-tokens 256");
  }
  if (n_waiting() >= limits_.n_waiting_max) {
    return fail(ErrorCode::limit_exceeded,
                std::to_string(n_waiting()) + " wait already for an answer; try again later");
  }
  auto sequence = std::make_unique<Sequence>(std::move(request), engine_, n_context_);
  sequence->cache_bytes = bytes;
  sequence->n_positions = n_positions;
  waiting_.push_back(std::move(sequence));
  return {};
}

bool Batch::step(const Cancel& cancel) {
  end_cancelled();
  admit_waiting();
  if (!running_.empty()) {
    auto shares = share_out();
    if (compute(shares, cancel)) {
      choose(shares);
      take(shares);
    }
  }
  return !running_.empty() || !waiting_.empty();
}

void Batch::end_cancelled() {
  std::deque<std::unique_ptr<Sequence>> left, stay;
  for (auto& one : waiting_) (one->cancel().requested() ? left : stay).push_back(std::move(one));
  waiting_ = std::move(stay);
  for (auto& one : left) end(*one);
  for (auto& one : running_) {
    if (one->cancel().requested()) end(*one);
  }
  leave();
}

void Batch::admit_waiting() {
  // In order: one that needs much memory is not overtaken for ever by those that need little.
  while (!waiting_.empty() && n_running() < limits_.n_sequences_max &&
         cache_bytes_ + waiting_.front()->cache_bytes <= limits_.cache_bytes_max) {
    auto one = std::move(waiting_.front());
    waiting_.pop_front();
    if (auto admitted = admit(*one); !admitted) {
      tell(*one, std::unexpected(std::move(admitted).error()));
    } else {
      running_.push_back(std::move(one));
    }
  }
}

Result<> Batch::admit(Sequence& one) {
  const auto& model = engine_.model();
  one.cache = TRY(model::KvCache::create(model.config(), one.n_positions, engine_.cache_type()));
  cache_bytes_ += one.cache_bytes;
  if (auto* const prefixes = one.request.prefixes.get()) {
    CHECK(prefixes->fits(one.lora(), *one.cache));
    // At least the last token is computed: its logits are wanted.
    one.n_held = prefixes->restore(std::span(one.tokens).first(one.n_prompt - 1), 0, *one.cache);
    one.answer.n_prompt_reused = static_cast<int>(one.n_held);
  }
  return {};
}

/// Each answer gets its token; the prompts share what they may have of the pass evenly. Who gets
/// nothing comes first the next time.
std::vector<Batch::Share> Batch::share_out() {
  auto n_prompts = static_cast<int>(
      std::ranges::count_if(running_, [](const auto& one) { return one->reads_prompt(); }));
  int rows = limits_.n_rows_max;
  int prompt_rows = n_prompts < n_running() ? limits_.n_prompt_rows_max : rows;
  std::vector<Share> out;
  for (auto& one : running_) {
    int n = std::min(rows, 1);
    if (one->reads_prompt()) {
      const int even = std::max(prompt_rows / n_prompts--, kPromptRowsMin);
      n = std::min({one->n_left(), even, prompt_rows, rows});
      prompt_rows -= n;
    }
    rows -= n;
    one->served = n > 0;
    if (n > 0) out.push_back({.sequence = one.get(), .n = n});
  }
  std::ranges::stable_partition(running_, [](const auto& one) { return !one->served; });
  // As forward() likes its parts best: those of an adapter in turn, the longest last.
  std::ranges::stable_sort(out, {}, [](const Share& share) {
    const Sequence& one = *share.sequence;
    return std::tuple(std::uintptr_t(one.request.adapter.get()), one.request.adapter_scale,
                      one.n_held);
  });
  return out;
}

bool Batch::compute(std::span<Share> shares, const Cancel& cancel) {
  const auto width = static_cast<std::size_t>(engine_.model().config().n_vocabulary);
  std::vector<model::SequencePart> parts;
  std::size_t n_logits = 0;
  for (Share& share : shares) {
    Sequence& one = *share.sequence;
    const auto n = static_cast<std::size_t>(share.n);
    const bool last = share.n == one.n_left();
    if (last) share.logits = std::span(logits_).subspan(n_logits++ * width, width);
    parts.push_back({.cache = *one.cache,
                     .tokens = std::span(one.tokens).subspan(one.n_held, n),
                     .position = static_cast<int>(one.n_held),
                     .n_logits = last ? 1 : 0,
                     .lora = one.lora()});
  }
  if (!model::forward(engine_.model(), *workspace_, engine_.pool(), parts,
                      std::span(logits_).first(n_logits * width), cancel)) {
    return false;
  }
  for (const Share& share : shares) share.sequence->n_held += static_cast<std::size_t>(share.n);
  return true;
}

/// On all threads: to draw from a large vocabulary takes as long as some layers.
void Batch::choose(std::span<Share> shares) {
  std::atomic<std::size_t> next = 0;
  engine_.pool().run([&](int) {
    for (std::size_t i = next++; i < shares.size(); i = next++) {
      Share& share = shares[i];
      if (share.logits.empty()) continue;
      Sequence& one = *share.sequence;
      share.next = one.writer.choose(share.logits, one.held());
    }
  });
}

void Batch::take(std::span<Share> shares) {
  for (Share& share : shares) {
    if (share.logits.empty()) continue;
    Sequence& one = *share.sequence;
    if (one.answer.prompt_s == 0.0) one.answer.prompt_s = seconds_since(one.start);
    if (!share.next) {
      tell(one, std::unexpected(std::move(share.next).error()));
    } else if (one.writer.take(*share.next, one.n_held, one.cancel())) {
      one.tokens.push_back(*share.next);
    } else {
      end(one);
    }
  }
  leave();
}

/// The answer as far as it has come, to its asker.
void Batch::end(Sequence& one) {
  one.writer.finish();
  if (one.answer.prompt_s > 0) one.answer.decode_s = seconds_since(one.start) - one.answer.prompt_s;
  if (auto* const prefixes = one.request.prefixes.get();
      prefixes != nullptr && !one.reads_prompt()) {
    prefixes->remember(one.held(), *one.cache);
    const auto n_fixed = std::min(one.request.options.n_prompt_fixed, one.n_prompt);
    prefixes->keep(std::span(one.tokens).first(n_fixed), *one.cache);
  }
  tell(one, std::move(one.answer));
}

void Batch::tell(Sequence& one, Result<Generation> answer) {
  one.ended = true;
  if (one.request.on_end) one.request.on_end(std::move(answer));
}

void Batch::leave() {
  for (const auto& one : running_) cache_bytes_ -= one->ended ? one->cache_bytes : 0;
  std::erase_if(running_, [](const auto& one) { return one->ended; });
}

}  // namespace plmm::infer
