// One running sequence: its key-value cache, and generation with stop conditions.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/engine.h"
#include "infer/sampler.h"
#include "text/tokenizer.h"

namespace plmm::model {
class KvCache;
class PackedLora;
class Workspace;
}  // namespace plmm::model

namespace plmm::infer {

class PrefixStore;
class Speculation;

enum class StopReason : std::uint8_t { end_of_turn, stop_text, length, context_full, cancelled };

struct GenerateOptions {
  SamplerOptions sampler;
  int n_tokens_max = 512;
  std::vector<std::string> stop;  // the answer ends before the first of these texts
  // Leading tokens of the prompt that will come again in later runs, such as a system text: they go
  // to disk where the session has a PrefixStore with a folder.
  std::size_t n_prompt_fixed = 0;
};

struct Generation {
  std::string text;                   // what was streamed, whole
  std::vector<text::TokenId> tokens;  // those generated, an end token not included
  StopReason stop = StopReason::length;
  int n_prompt = 0;         // tokens of the prompt
  int n_prompt_reused = 0;  // of these, taken from the cache or a PrefixStore
  double prompt_s = 0;      // seconds until the first token was known
  double decode_s = 0;      // seconds for the tokens after it
  int n_proposed = 0;       // guesses of a Speculation that were verified
  int n_accepted = 0;       // of these, tokens of the answer
};

/// Called with each piece of text as soon as it is certain (whole characters, no beginning of a
/// stop text).
using OnText = std::function<void(std::string_view text)>;

class Session {
 public:
  /// n_context ≤ the model's own; 0 means the smaller of that and 8,192. io when the memory
  /// cannot be had.
  static Result<Session> create(Engine& engine, int n_context);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Feeds `prompt` (the part equal to what the cache holds is not computed again) and generates.
  /// invalid_argument when the prompt is empty, has unknown ids or does not fit the context;
  /// corrupt_data when the model computes something that is not a number. Cancel is polled for
  /// every token and every layer of the prompt: the text so far is kept and returned.
  Result<Generation> generate(std::span<const text::TokenId> prompt, const GenerateOptions& options,
                              const OnText& on_text, const Cancel& cancel);

  /// How sure the model is of what it would say: the geometric mean of the probabilities of the
  /// first tokens of its likeliest answer, at most `n_tokens_max` (at least 1) and its end
  /// included; 0 … 1. The prompt stays in the cache, so that generate() begins at once. Errors as
  /// generate(); cancelled.
  Result<double> certainty(std::span<const text::TokenId> prompt, int n_tokens_max,
                           const Cancel& cancel);

  /// Logits of every position of `tokens`, from an empty cache: [tokens.size()][n_vocabulary], for
  /// measuring. `on_logits(position, logits)` is called in order.
  Result<> score(std::span<const text::TokenId> tokens,
                 const std::function<void(int position, std::span<const float> logits)>& on_logits);

  /// From now on the model with `adapter` (packed for the engine's model; null: alone), `scale`
  /// times as strong as it was trained: 0 … kAdapterScaleMax. Takes no time, but the cache is
  /// dropped.
  void set_adapter(std::shared_ptr<const model::PackedLora> adapter, float scale = 1.0F);
  static constexpr float kAdapterScaleMax = 4.0F;

  /// From now on takes what it can from `prefixes` and gives it what it has read; null: not. The
  /// store was made for this session's adapter (CHECK); set_adapter() ends it.
  void use_prefixes(std::shared_ptr<PrefixStore> prefixes);
  bool uses_prefixes() const { return prefixes_ != nullptr; }

  /// From now on generate() verifies guesses: the same answers, sooner where they can be guessed.
  /// null: not.
  void use_speculation(std::unique_ptr<Speculation> speculation);

  int n_context() const { return n_context_; }
  /// Tokens the cache holds now.
  std::span<const text::TokenId> tokens() const { return tokens_; }
  void clear() { tokens_.clear(); }

  /// Prefill in chunks of at most this many tokens (1 … kChunkMax); results do not depend on it.
  /// For tests.
  void set_chunk(int n_tokens);
  static constexpr int kChunkMax = 256;

 private:
  Session();
  /// How many leading tokens of `prompt` need not be computed again.
  std::size_t n_reusable(std::span<const text::TokenId> prompt) const;
  /// Holds of `prompt` what need not be computed, from the cache or the store; how many tokens.
  std::size_t hold(std::span<const text::TokenId> prompt);
  /// Computes what of `prompt` was not held. False when cancelled.
  bool feed(std::span<const text::TokenId> prompt, const Cancel& cancel);
  /// Samples until a stop condition; the logits of the last token are known.
  Result<> decode(const GenerateOptions& options, const OnText& on_text, const Cancel& cancel,
                  std::chrono::steady_clock::time_point start, Generation& out);
  /// One more token into the cache; its logits are in row(0). False when cancelled.
  bool step(text::TokenId token, const Cancel& cancel);
  /// The same with row(row_), and perhaps guesses behind the token, n_more_max at most.
  bool advance(text::TokenId token, const Sampler& sampler, int n_more_max, const Cancel& cancel);
  std::span<float> row(int index);
  /// forward() of this session at the end of its cache.
  bool compute(std::span<const text::TokenId> tokens, int n_logits, std::span<float> logits,
               const Cancel& cancel);

  Engine* engine_ = nullptr;  // outlives the session
  int n_context_ = 0;
  int chunk_ = kChunkMax;
  std::unique_ptr<model::KvCache> cache_;
  std::unique_ptr<model::Workspace> workspace_;
  std::shared_ptr<const model::PackedLora> adapter_;
  float adapter_scale_ = 1.0F;
  std::shared_ptr<PrefixStore> prefixes_;
  std::unique_ptr<Speculation> speculation_;
  std::vector<text::TokenId> tokens_;  // what the cache holds, guesses behind them aside
  std::vector<float> logits_;          // [rows of the widest pass so far][n_vocabulary]
  int row_ = 0;                        // of the last token
};

}  // namespace plmm::infer
