// From documents to sequences.
#include "train/data.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/checksum.h"
#include "base/narrow.h"
#include "base/rng.h"

namespace plmm::train {
namespace {

using text::Role;
using text::TokenId;

// Of a pair what counts is how much likelier a token of the better answer is than one of the worse:
// as SimPO (Meng et al. 2024) without a margin, and with the better answer's own likelihood, as in
// CPO (Xu et al. 2024), so that it does not become less likely too.
constexpr float kPairSharpness = 2.5F;   // of the mean ln p of a token
constexpr float kPairLikelihood = 0.4F;  // 1 / kPairSharpness: the mean ln p counts once

/// Sequences that one document became.
using Pieces = std::vector<Sequence>;

void finish(Sequence& sequence) {
  sequence.weights.resize(sequence.tokens.size(), 0.0F);
  if (!sequence.weights.empty()) sequence.weights.back() = 0.0F;
}

/// Where the answer that begins at `begin` ends in `whole`, its end token included. A family
/// without one ends an answer by what stands before the next turn: `answered` is the chat up to
/// this answer, with the opening of another one, and the first token in which they differ is the
/// user's.
std::size_t end_of_answer(const std::vector<TokenId>& whole, std::size_t begin,
                          const std::vector<TokenId>& answered, const text::Tokenizer& tokenizer,
                          text::TemplateFamily family) {
  if (family == text::TemplateFamily::plain) {
    const auto [differs, ignored] = std::ranges::mismatch(whole, answered);
    const auto at = static_cast<std::size_t>(differs - whole.begin());
    return std::min(std::max(at, begin) + 1, whole.size());
  }
  for (std::size_t i = begin; i < whole.size(); ++i) {
    if (tokenizer.is_end(whole[i])) return i + 1;
  }
  return whole.size();
}

/// Chats that are too long go in several pieces, each with the system text.
class ChatCutter {
 public:
  ChatCutter(const text::Tokenizer& tokenizer, const DataOptions& options)
      : tokenizer_(tokenizer), options_(options) {}

  /// The pieces; exchanges that alone are too long are dropped.
  Pieces cut(const Document& document, std::vector<Dropped>& dropped) const {
    Pieces out;
    std::vector<text::Message> head;
    std::size_t next = 0;
    if (document.messages[0].role == Role::system) {
      head.push_back(document.messages[next++]);
    } else if (!options_.default_system.empty()) {
      head.push_back({Role::system, options_.default_system});
    }
    std::vector<text::Message> window = head;
    std::optional<Sequence> fits;
    const auto flush = [&] {
      if (fits) out.push_back(std::move(*fits));
      fits.reset();
      window = head;
    };
    for (; next + 1 < document.messages.size(); next += 2) {
      const auto exchange = std::span(document.messages).subspan(next, 2);
      if (add(exchange, window, fits)) continue;
      flush();
      if (add(exchange, window, fits)) continue;
      window = head;
      dropped.push_back({document.file, document.line,
                         "an exchange is longer than a sequence of " +
                             std::to_string(options_.n_tokens_max) + " tokens (--sequence)"});
    }
    flush();
    return out;
  }

 private:
  bool add(std::span<const text::Message> exchange, std::vector<text::Message>& window,
           std::optional<Sequence>& fits) const {
    window.insert(window.end(), exchange.begin(), exchange.end());
    Sequence longer = encode_answers(window, options_.chat_template, tokenizer_);
    if (longer.tokens.size() <= static_cast<std::size_t>(options_.n_tokens_max)) {
      fits = std::move(longer);
      return true;
    }
    window.resize(window.size() - exchange.size());
    return false;
  }

  const text::Tokenizer& tokenizer_;
  const DataOptions& options_;
};

/// A text in pieces of as many tokens as fit; every token is to be predicted.
Pieces cut_text(const std::string& text, const text::Tokenizer& tokenizer, int n_tokens_max) {
  std::vector<TokenId> all = tokenizer.encode(text, text::Special::plain);
  if (tokenizer.eos()) all.push_back(*tokenizer.eos());
  const bool has_bos = tokenizer.add_bos() && tokenizer.bos();
  const std::size_t n_most = static_cast<std::size_t>(n_tokens_max) - (has_bos ? 1 : 0);
  Pieces out;
  for (std::size_t at = 0; at < all.size(); at += n_most) {
    const auto part = std::span(all).subspan(at, std::min(n_most, all.size() - at));
    Sequence piece;
    if (has_bos) piece.tokens.push_back(*tokenizer.bos());
    piece.tokens.insert(piece.tokens.end(), part.begin(), part.end());
    if (piece.tokens.size() < 2) continue;  // nothing to predict
    piece.weights.assign(piece.tokens.size(), 1.0F);
    finish(piece);
    out.push_back(std::move(piece));
  }
  return out;
}

/// The two answers of a document behind what stands before them; nothing where that is too long.
Pieces encode_pair(const Document& document, const text::Tokenizer& tokenizer,
                   const DataOptions& options, std::vector<Dropped>& dropped) {
  std::vector<text::Message> messages;
  if (document.messages[0].role != Role::system && !options.default_system.empty())
    messages.push_back({Role::system, options.default_system});
  messages.insert(messages.end(), document.messages.begin(), document.messages.end());
  const auto context = text::encode_chat(options.chat_template, messages, tokenizer);
  std::vector<std::vector<TokenId>> endings;
  std::vector<float> weights;
  for (const std::string* answer : {&document.chosen, &document.rejected}) {
    messages.push_back({Role::assistant, *answer});
    const auto whole = encode_answers(messages, options.chat_template, tokenizer).tokens;
    messages.pop_back();
    endings.emplace_back(
        whole.begin() + static_cast<std::ptrdiff_t>(std::min(context.size(), whole.size())),
        whole.end());
    weights.push_back(kPairSharpness / static_cast<float>(endings.back().size()));
  }
  if (endings[0].empty() || endings[1].empty()) return {};
  Sequence out = encode_choice(context, endings, weights);
  out.likelihood = kPairLikelihood;
  if (out.tokens.size() <= static_cast<std::size_t>(options.n_tokens_max)) return {std::move(out)};
  dropped.push_back({document.file, document.line,
                     "its two answers are longer than a sequence of " +
                         std::to_string(options.n_tokens_max) + " tokens (--sequence)"});
  return {};
}

/// The pieces of a document; what is too long is dropped.
Pieces pieces_of(const Document& document, const text::Tokenizer& tokenizer,
                 const DataOptions& options, std::vector<Dropped>& dropped) {
  if (!document.chosen.empty()) return encode_pair(document, tokenizer, options, dropped);
  if (document.messages.empty()) return cut_text(document.text, tokenizer, options.n_tokens_max);
  return ChatCutter(tokenizer, options).cut(document, dropped);
}

/// Longest first into the first sequence with room among the last few that are open.
std::vector<Sequence> pack(Pieces pieces, int n_tokens_max) {
  constexpr std::size_t kOpenMax = 64;  // looked at for each piece
  std::ranges::stable_sort(pieces, std::greater(),
                           [](const Sequence& piece) { return piece.tokens.size(); });
  std::vector<Sequence> out;
  for (Sequence& piece : pieces) {
    if (piece.is_choice) {
      out.push_back(std::move(piece));
      continue;
    }
    const std::size_t first = out.size() > kOpenMax ? out.size() - kOpenMax : 0;
    const auto room = std::find_if(
        out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [&](const Sequence& open) {
          return open.tokens.size() + piece.tokens.size() <= static_cast<std::size_t>(n_tokens_max);
        });
    if (room == out.end()) {
      piece.segment_starts = {0};
      out.push_back(std::move(piece));
      continue;
    }
    room->segment_starts.push_back(narrow<int>(room->tokens.size()));
    room->tokens.insert(room->tokens.end(), piece.tokens.begin(), piece.tokens.end());
    room->weights.insert(room->weights.end(), piece.weights.begin(), piece.weights.end());
  }
  return out;
}

void count(const std::vector<Sequence>& sequences, DataReport& report) {
  for (const Sequence& sequence : sequences) {
    report.n_tokens += sequence.tokens.size();
    report.n_supervised += static_cast<std::uint64_t>(
        std::ranges::count_if(sequence.weights, [](float weight) { return weight > 0; }));
  }
}

std::string fingerprint_of(const TrainingData& data) {
  std::vector<std::uint64_t> parts;
  for (const auto* sequences : {&data.training, &data.validation}) {
    parts.push_back(sequences->size());
    for (const Sequence& sequence : *sequences) {
      for (const auto sum : {checksum(std::as_bytes(std::span(sequence.tokens))),
                             checksum(std::as_bytes(std::span(sequence.weights))),
                             checksum(std::as_bytes(std::span(sequence.segment_starts)))}) {
        parts.insert(parts.end(), sum.begin(), sum.end());
      }
    }
  }
  const std::uint64_t sum = checksum(std::as_bytes(std::span(parts)))[0];
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[sum >> shift & 15U];
  return out;
}

}  // namespace

Sequence encode_answers(std::span<const text::Message> messages, text::TemplateFamily family,
                        const text::Tokenizer& tokenizer) {
  std::vector<text::Message> with_turn(messages.begin(), messages.end());
  // Without end tokens, what ends the last answer is the user's next turn.
  if (family == text::TemplateFamily::plain) with_turn.push_back({Role::user, ""});
  Sequence out;
  out.tokens = text::encode_chat(family, with_turn, tokenizer);
  out.weights.assign(out.tokens.size(), 0.0F);
  std::size_t last = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].role != Role::assistant) continue;
    const std::size_t begin = text::encode_chat(family, messages.first(i), tokenizer).size();
    const auto answered = text::encode_chat(family, messages.first(i + 1), tokenizer);
    last = end_of_answer(out.tokens, begin, answered, tokenizer, family);
    for (std::size_t t = begin; t < last; ++t) out.weights[t - 1] = 1.0F;
  }
  out.tokens.resize(last);
  out.weights.resize(last);
  finish(out);
  return out;
}

Sequence encode_choice(std::span<const TokenId> context,
                       std::span<const std::vector<TokenId>> endings,
                       std::span<const float> weights) {
  Sequence out;
  out.is_choice = true;
  out.tokens.assign(context.begin(), context.end() - 1);
  out.n_shared = narrow<int>(out.tokens.size());
  out.weights.assign(out.tokens.size(), 0.0F);
  for (std::size_t i = 0; i < endings.size(); ++i) {
    out.segment_starts.push_back(narrow<int>(out.tokens.size()));
    out.tokens.push_back(context.back());
    out.tokens.insert(out.tokens.end(), endings[i].begin(), endings[i].end());
    out.weights.insert(out.weights.end(), endings[i].size(), weights[i]);
    out.weights.push_back(0.0F);
  }
  return out;
}

std::vector<std::size_t> epoch_order(std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
  Rng rng(Rng(seed).next() + epoch);
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(out[i - 1], out[rng.below(i)]);
  return out;
}

Result<TrainingData> make_data(Documents documents, const text::Tokenizer& tokenizer,
                               const DataOptions& options) {
  TrainingData out;
  out.report.dropped = std::move(documents.dropped);
  std::vector<Pieces> by_document;
  std::set<std::vector<TokenId>> seen;
  for (const Document& document : documents.all) {
    Pieces pieces = pieces_of(document, tokenizer, options, out.report.dropped);
    const std::size_t n_before = pieces.size();
    std::erase_if(pieces, [&](const Sequence& piece) { return !seen.insert(piece.tokens).second; });
    if (n_before > 0 && pieces.empty()) ++out.report.n_duplicates;
    if (pieces.empty()) continue;
    // A pair counts as much as one token of a chat: beside chats it would not be learnt.
    const bool is_pair = pieces.front().is_choice;
    if (!by_document.empty() && is_pair != out.report.are_pairs) {
      return fail(ErrorCode::corrupt_data,
                  document.file + ": line " + std::to_string(document.line) +
                      ": pairs of answers do not mix with chats and texts; learn from each in a "
                      "run of its own");
    }
    out.report.are_pairs = is_pair;
    by_document.push_back(std::move(pieces));
  }
  if (by_document.empty()) {
    std::string why = "there is nothing to learn from";
    if (!out.report.dropped.empty()) {
      const Dropped& first = out.report.dropped.front();
      why = first.file + ": line " + std::to_string(first.line) + ": " + first.why +
            "; nothing else is left to learn from";
    }
    return fail(ErrorCode::corrupt_data, why);
  }
  const std::size_t n = by_document.size();
  auto n_apart = static_cast<std::size_t>(static_cast<double>(n) * options.validation_share + 0.5);
  if (options.validation_share > 0) n_apart = std::max<std::size_t>(n_apart, 1);
  if (n < 2) n_apart = 0;
  Pieces training, validation;
  const auto order = epoch_order(n, options.seed, 0);
  for (std::size_t i = 0; i < n; ++i) {
    Pieces& to = i < n_apart ? validation : training;
    for (Sequence& piece : by_document[order[i]]) to.push_back(std::move(piece));
  }
  out.training = pack(std::move(training), options.n_tokens_max);
  out.validation = pack(std::move(validation), options.n_tokens_max);
  out.report.n_documents = n;
  out.report.n_validation = n_apart;
  count(out.training, out.report);
  count(out.validation, out.report);
  out.fingerprint = fingerprint_of(out);
  return out;
}

Result<TrainingData> read_data(std::span<const std::filesystem::path> files,
                               const text::Tokenizer& tokenizer, const DataOptions& options) {
  Documents documents;
  for (const auto& file : files) TRY(add_documents(file, documents));
  return make_data(std::move(documents), tokenizer, options);
}

}  // namespace plmm::train
