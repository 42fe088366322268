// Where in the tokens of a chat a person's own words stand.
#include "learn/dialogue_form.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/narrow.h"
#include "text/unicode.h"
#include "train/data.h"

namespace plmm::learn {
namespace {

using text::Message;
using text::Role;
using text::TokenId;

struct Piece {
  std::vector<Message> messages;
  std::vector<std::size_t> own;  // indices of the messages that are learnt
};

struct Stretch {
  std::size_t begin = 0, end = 0;
};

std::string beginning_of(const std::string& text, std::size_t n_bytes_max) {
  return std::string(text::first_bytes(text, n_bytes_max));
}

/// The tokens of message `at`, which is a person's, and the one that ends it, in the encoding of a
/// chat that begins with these messages: what changes when the message is empty, so that no
/// template need be known here.
Stretch own_tokens(std::span<const Message> messages, std::size_t at, text::TemplateFamily family,
                   const text::Tokenizer& tokenizer) {
  std::vector<Message> until(messages.begin(),
                             messages.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  const auto with = text::encode_chat(family, until, tokenizer);
  until.back().content.clear();
  const auto without = text::encode_chat(family, until, tokenizer);
  const std::size_t n_both = std::min(with.size(), without.size());
  std::size_t n_before = 0, n_behind = 0;
  while (n_before < n_both && with[n_before] == without[n_before]) ++n_before;
  while (n_behind < n_both - n_before &&
         with[with.size() - 1 - n_behind] == without[without.size() - 1 - n_behind])
    ++n_behind;
  Stretch out{n_before, with.size() - n_behind};
  if (out.end < with.size() && tokenizer.is_end(with[out.end])) ++out.end;
  return out;
}

/// Nothing where it is longer than the form allows.
std::optional<train::Sequence> sequence_of(const Piece& piece, const DialogueForm& form,
                                           const text::Tokenizer& tokenizer) {
  train::Sequence out;
  out.tokens = text::encode_chat(form.family, piece.messages, tokenizer);
  out.weights.assign(out.tokens.size(), 0.0F);
  std::size_t last = 0;
  for (const std::size_t at : piece.own) {
    const auto [begin, end] = own_tokens(piece.messages, at, form.family, tokenizer);
    for (std::size_t i = std::max<std::size_t>(begin, 1); i < end; ++i) out.weights[i - 1] = 1.0F;
    last = std::max(last, end);
  }
  out.tokens.resize(last);
  out.weights.resize(last);
  if (out.tokens.size() > static_cast<std::size_t>(form.n_tokens_max)) return std::nullopt;
  if (!out.weights.empty()) out.weights.back() = 0.0F;
  return out;
}

std::vector<Message> head_of(const DialogueForm& form) {
  if (form.default_system.empty()) return {};
  return {{Role::system, form.default_system}};
}

void add(const personal::Turn& turn, Piece& piece) {
  const std::string& said = turn.said.reveal(Purpose::prompt);
  if (counts(turn)) {
    piece.own.push_back(piece.messages.size());
    piece.messages.push_back({Role::user, said});
  } else if (!said.empty()) {
    piece.messages.push_back({Role::user, beginning_of(said, kContextBytesMax)});
  }
  const std::string& answer = turn.answer.reveal(Purpose::prompt);
  if (!answer.empty())
    piece.messages.push_back({Role::assistant, beginning_of(answer, kContextBytesMax)});
}

}  // namespace

std::vector<train::Sequence> encode(const Dialogue& dialogue, const DialogueForm& form,
                                    const text::Tokenizer& tokenizer) {
  std::vector<train::Sequence> out;
  std::optional<train::Sequence> fits;
  const Piece empty{head_of(form), {}};
  Piece piece = empty;
  const auto flush = [&] {
    if (fits && !fits->tokens.empty()) out.push_back(std::move(*fits));
    fits.reset();
    piece = empty;
  };
  for (const auto& turn : dialogue.turns) {
    for (const bool again : {false, true}) {
      Piece longer = piece;
      add(turn, longer);
      auto sequence = sequence_of(longer, form, tokenizer);
      if (sequence) {
        fits = std::move(sequence);
        piece = std::move(longer);
        break;
      }
      if (!again) flush();
    }
  }
  flush();
  return out;
}

train::Sequence encode(const Correction& correction, const DialogueForm& form,
                       const text::Tokenizer& tokenizer) {
  auto messages = head_of(form);
  messages.push_back({Role::user, correction.question.reveal(Purpose::prompt)});
  messages.push_back({Role::assistant, correction.correction.reveal(Purpose::prompt)});
  auto out = train::encode_answers(messages, form.family, tokenizer);
  if (out.tokens.size() > static_cast<std::size_t>(form.n_tokens_max)) return {};
  return out;
}

std::vector<train::Sequence> packed(std::vector<train::Sequence> pieces, int n_tokens_max) {
  std::vector<train::Sequence> out;
  for (auto& piece : pieces) {
    if (piece.tokens.empty()) continue;
    const bool fits = !out.empty() && out.back().tokens.size() + piece.tokens.size() <=
                                          static_cast<std::size_t>(n_tokens_max);
    if (!fits) {
      piece.segment_starts = {0};
      out.push_back(std::move(piece));
      continue;
    }
    auto& open = out.back();
    open.segment_starts.push_back(narrow<int>(open.tokens.size()));
    open.tokens.insert(open.tokens.end(), piece.tokens.begin(), piece.tokens.end());
    open.weights.insert(open.weights.end(), piece.weights.begin(), piece.weights.end());
  }
  return out;
}

}  // namespace plmm::learn
