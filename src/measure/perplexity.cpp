// Windows over documents, and estimates from their sums.
#include "measure/perplexity.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "train/data.h"

namespace plmm::measure {
namespace {

using text::TokenId;
using Stretches = std::span<const Stretch>;

/// Tokens [begin, end) of a document, of which those from `first` on are predicted.
struct Window {
  std::size_t begin, first, end;
};

std::vector<Window> windows_of(const train::Sequence& document, const WindowOptions& options) {
  CHECK(options.window >= 2 && options.stride >= 1 && options.stride < options.window);
  const std::size_t n = document.tokens.size();
  const auto width = static_cast<std::size_t>(options.window);
  std::vector<Window> out;
  std::size_t first = 1, end = std::min(width, n);
  while (first < n) {
    const auto weights = std::span(document.weights).subspan(first - 1, end - first);
    // In a chat, only answers count: what stands before and behind them need not be predicted.
    const auto counts = [](float weight) { return weight > 0; };
    const auto from = std::ranges::find_if(weights, counts);
    if (from != weights.end()) {
      const auto behind = std::ranges::find_if(weights.rbegin(), weights.rend(), counts).base();
      out.push_back({end > width ? end - width : 0,
                     first + static_cast<std::size_t>(from - weights.begin()),
                     first + static_cast<std::size_t>(behind - weights.begin())});
    }
    first = end;
    end = std::min(end + static_cast<std::size_t>(options.stride), n);
  }
  return out;
}

Candidates candidates_of(const train::Sequence& document, const Window& window) {
  const auto tokens = std::span(document.tokens);
  const auto context = tokens.subspan(window.begin, window.first - window.begin);
  const auto ending = tokens.subspan(window.first, window.end - window.first);
  return {{context.begin(), context.end()}, {{ending.begin(), ending.end()}}};
}

Stretch stretch_of(std::size_t index, const train::Sequence& document, const Window& window,
                   std::span<const double> log_probabilities, const text::Tokenizer& tokenizer) {
  Stretch out{index};
  for (std::size_t i = 0; i < log_probabilities.size(); ++i) {
    if (document.weights[window.first - 1 + i] <= 0) continue;
    out.nats -= log_probabilities[i];
    out.n_tokens += 1;
    out.n_bytes += static_cast<double>(tokenizer.piece(document.tokens[window.first + i]).size());
  }
  return out;
}

/// Sums of each document, in their order.
std::vector<Stretch> by_document(Stretches stretches) {
  std::vector<Stretch> out;
  for (const Stretch& stretch : stretches) {
    if (out.empty() || out.back().document != stretch.document) out.push_back({stretch.document});
    out.back().nats += stretch.nats;
    out.back().n_tokens += stretch.n_tokens;
    out.back().n_bytes += stretch.n_bytes;
  }
  return out;
}

/// What is drawn together.
std::vector<Stretch> drawn(Stretches stretches) {
  auto documents = by_document(stretches);
  if (documents.size() >= kDocumentsMin) return documents;
  return {stretches.begin(), stretches.end()};
}

bool same_tokens(Stretches first, Stretches second) {
  return std::ranges::equal(first, second, [](const Stretch& a, const Stretch& b) {
    return a.document == b.document && a.n_tokens == b.n_tokens && a.n_bytes == b.n_bytes;
  });
}

double bits(double nats) { return nats / std::numbers::ln2; }

Estimate estimate(std::span<const eval::Unit> units, std::uint64_t seed) {
  return {eval::mean_of(units), eval::bootstrap_interval(units, seed)};
}

/// The same, e to its power.
Estimate exponential(const Estimate& of) {
  Estimate out{std::exp(of.value), of.interval};
  if (of.interval) out.interval = {{std::exp(of.interval->low), std::exp(of.interval->high)}};
  return out;
}

}  // namespace

Result<train::Sequence> encode_document(const train::Document& document,
                                        const infer::Engine& engine) {
  const text::Tokenizer& tokenizer = engine.tokenizer();
  if (!document.messages.empty()) {
    const auto& family = engine.chat_template();
    if (!family) return std::unexpected(family.error());
    auto messages = document.messages;
    if (messages.front().role != text::Role::system && !engine.default_system().empty())
      messages.insert(messages.begin(), {text::Role::system, engine.default_system()});
    return train::encode_answers(messages, *family, tokenizer);
  }
  train::Sequence out;
  if (tokenizer.add_bos() && tokenizer.bos()) out.tokens.push_back(*tokenizer.bos());
  const auto tokens = tokenizer.encode(document.text, text::Special::plain);
  out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.end());
  out.weights.assign(out.tokens.size(), 1.0F);
  if (!out.weights.empty()) out.weights.back() = 0.0F;
  return out;
}

std::size_t n_fed(std::span<const train::Sequence> documents, const WindowOptions& options) {
  std::size_t out = 0;
  for (const auto& document : documents) {
    for (const Window& window : windows_of(document, options)) out += window.end - window.begin;
  }
  return out;
}

Result<std::vector<Stretch>> predict(Scorer& scorer, const text::Tokenizer& tokenizer,
                                     std::span<const train::Sequence> documents,
                                     const WindowOptions& options, const Cancel& cancel,
                                     const std::function<void(std::size_t)>& on_done) {
  constexpr std::size_t kTogether = 64;  // windows whose tokens are copied at once
  std::vector<std::pair<std::size_t, Window>> windows;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    for (const Window& window : windows_of(documents[i], options)) windows.emplace_back(i, window);
  }
  std::vector<Stretch> out;
  for (std::size_t at = 0; at < windows.size(); at += kTogether) {
    const auto part = std::span(windows).subspan(at, std::min(kTogether, windows.size() - at));
    std::vector<Candidates> candidates;
    for (const auto& [i, window] : part) candidates.push_back(candidates_of(documents[i], window));
    std::size_t n_known = 0;
    const auto known = TRY(scorer.score(candidates, cancel, [&](std::size_t n) {
      std::size_t n_tokens = 0;
      for (; n > 0; --n, ++n_known) {
        const Window& window = part[n_known].second;
        n_tokens += window.end - window.begin;
      }
      if (on_done) on_done(n_tokens);
    }));
    for (std::size_t k = 0; k < part.size(); ++k) {
      const auto& [i, window] = part[k];
      out.push_back(stretch_of(i, documents[i], window, known[k][0], tokenizer));
    }
  }
  return out;
}

Estimate perplexity(Stretches stretches, std::uint64_t seed) {
  std::vector<eval::Unit> units;
  for (const Stretch& each : drawn(stretches)) units.push_back({each.nats, each.n_tokens});
  return exponential(estimate(units, seed));
}

Estimate bits_per_byte(Stretches stretches, std::uint64_t seed) {
  std::vector<eval::Unit> units;
  for (const Stretch& each : drawn(stretches)) units.push_back({bits(each.nats), each.n_bytes});
  return estimate(units, seed);
}

Estimate difference_of_bits(Stretches first, Stretches second, std::uint64_t seed) {
  const bool same = same_tokens(first, second);
  const auto a = same ? drawn(first) : by_document(first);
  const auto b = same ? drawn(second) : by_document(second);
  std::vector<eval::Unit> units;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    // Another vocabulary leaves another first token out: both are taken to the same bytes.
    const double n = std::max(a[i].n_bytes, b[i].n_bytes);
    if (a[i].n_bytes == 0 || b[i].n_bytes == 0) continue;
    units.push_back({n * (bits(a[i].nats) / a[i].n_bytes - bits(b[i].nats) / b[i].n_bytes), n});
  }
  return estimate(units, seed);
}

std::optional<Estimate> ratio_of_perplexities(Stretches first, Stretches second,
                                              std::uint64_t seed) {
  if (!same_tokens(first, second)) return {};
  const auto a = drawn(first), b = drawn(second);
  std::vector<eval::Unit> units;
  for (std::size_t i = 0; i < a.size(); ++i)
    units.push_back({a[i].nats - b[i].nats, a[i].n_tokens});
  return exponential(estimate(units, seed));
}

}  // namespace plmm::measure
