// How well a model predicts texts and chats: nats of each stretch, and what follows from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "eval/bootstrap.h"
#include "measure/scorer.h"
#include "train/documents.h"
#include "train/sequence.h"

namespace plmm::measure {

struct WindowOptions {
  int window = 1'024;  // tokens that see each other, at least 2
  int stride = 512;    // of these, predicted in each window but the first; 1 … window − 1
};

/// A document as the model sees it. A text: its tokens, behind BOS where the model wants one. A
/// chat: as train::encode_answers(), with `engine`'s own system text where it has none.
/// unsupported where the model has no known chat template.
Result<train::Sequence> encode_document(const train::Document& document,
                                        const infer::Engine& engine);

/// What was predicted in one window.
struct Stretch {
  std::size_t document = 0;
  double nats = 0;      // Σ −ln p
  double n_tokens = 0;  // predicted ones
  double n_bytes = 0;   // of their text; end tokens have none
};

/// Every token that counts but the first of a document is predicted once: behind all tokens of its
/// window. Errors of Scorer::score(). `on_done(n)` counts tokens fed.
Result<std::vector<Stretch>> predict(Scorer& scorer, const text::Tokenizer& tokenizer,
                                     std::span<const train::Sequence> documents,
                                     const WindowOptions& options, const Cancel& cancel,
                                     const std::function<void(std::size_t)>& on_done = {});
/// How many tokens predict() will feed, at most.
std::size_t n_fed(std::span<const train::Sequence> documents, const WindowOptions& options);

struct Estimate {
  double value = 0;
  std::optional<eval::Interval> interval;  // of 95 %; none where there is too little data
};

/// Stretches of a document are drawn together where there are kDocumentsMin documents, else alone.
inline constexpr std::size_t kDocumentsMin = 30;

/// e to the mean nats of a token.
Estimate perplexity(std::span<const Stretch> stretches, std::uint64_t seed);
Estimate bits_per_byte(std::span<const Stretch> stretches, std::uint64_t seed);

/// Of the same documents by two models: bits per byte of the first less those of the second, paired
/// by stretch where both predicted the same tokens, else by document.
Estimate difference_of_bits(std::span<const Stretch> first, std::span<const Stretch> second,
                            std::uint64_t seed);
/// Perplexity of the first over that of the second, where both predicted the same tokens.
std::optional<Estimate> ratio_of_perplexities(std::span<const Stretch> first,
                                              std::span<const Stretch> second, std::uint64_t seed);

}  // namespace plmm::measure
