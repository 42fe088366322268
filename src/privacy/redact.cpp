// Pieces of a text are found, joined where they overlap, and replaced.
#include "privacy/redact.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "privacy/detect.h"

namespace plmm::privacy {

/// A part of a text that is to be replaced; `value` is its number in the known values. Without one
/// its own bytes are its identity.
struct Redactor::Piece {
  Span span;
  std::optional<std::size_t> value;
};

namespace {

template <class Pieces>
std::vector<Span> spans_of(const Pieces& pieces) {
  std::vector<Span> out;
  for (const auto& piece : pieces) out.push_back(piece.span);
  return out;
}

// Pieces that overlap become one, so that no part of either stays. Of two spellings of one value
// the first wins: in "Lena Vogt, Lena Vogt" the second name does not begin with "Vogt, Lena".
template <class Pieces>
Pieces join_overlapping(Pieces pieces) {
  std::ranges::stable_sort(pieces, [](const auto& a, const auto& b) {
    return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
  });
  Pieces out;
  for (const auto& piece : pieces) {
    if (out.empty() || piece.span.begin >= out.back().span.end) {
      out.push_back(piece);
    } else if (piece.span.end > out.back().span.end &&
               (!piece.value || piece.value != out.back().value)) {
      out.back().span.end = piece.span.end;
      out.back().value.reset();
    }
  }
  return out;
}

// Whether a match takes in all of a detected value; the country code of a phone may stay in front.
bool covers(const KnownValues::Match& match, std::string_view value) {
  const std::string_view front = value.substr(0, match.begin);
  const bool code = front.starts_with('+') || front.starts_with("00");
  return match.end == value.size() && (code || front.empty() || front == "(");
}

}  // namespace

Redactor::Redactor(std::span<const Known> known) {
  for (const Known& one : known) known_.add(one);
}

// The known value that a detected span spells, or a new one.
std::size_t Redactor::value_of(const Span& detected, std::string_view text) {
  const std::string original(text.substr(detected.begin, detected.end - detected.begin));
  const auto matches = known_.find(original);
  if (matches.size() == 1 && known_[matches[0].value].kind == detected.kind &&
      covers(matches[0], original)) {
    return matches[0].value;
  }
  return known_.add({detected.kind, original});
}

std::vector<Redactor::Piece> Redactor::find_pieces(std::string_view text) {
  std::vector<Piece> pieces;
  for (const Span& span : find_placeholders(text)) pieces.push_back({span, std::nullopt});
  for (const Span& span : detect(text)) pieces.push_back({span, value_of(span, text)});
  // What is replaced makes new borders around it: look again between the pieces until nothing is
  // new.
  for (std::vector<Span> walls;; walls = spans_of(pieces)) {
    const auto matches = known_.find(text, walls);
    if (matches.empty() && !walls.empty()) return pieces;
    for (const auto& match : matches) {
      pieces.push_back({{match.begin, match.end, known_[match.value].kind}, match.value});
    }
    pieces = join_overlapping(std::move(pieces));
    if (pieces.empty()) return pieces;
  }
}

std::size_t Redactor::replacement_for(const Piece& piece, std::string_view text) {
  std::string original(text.substr(piece.span.begin, piece.span.end - piece.span.begin));
  const std::string identity = std::string(label(piece.span.kind)) +
                               (piece.value ? "#" + std::to_string(*piece.value) : "=" + original);
  const auto [known, added] = by_original_.try_emplace({identity, original}, replacements_.size());
  if (!added) return known->second;
  auto [numbers, is_new] = by_identity_.try_emplace(identity);
  if (is_new) numbers->second = {++n_values_[piece.span.kind], 0};
  const Placeholder placeholder{piece.span.kind, numbers->second.value,
                                ++numbers->second.n_spellings};
  by_placeholder_.emplace(placeholder, replacements_.size());
  replacements_.push_back({to_text(placeholder), std::move(original), piece.span.kind});
  return replacements_.size() - 1;
}

Redaction Redactor::redact(std::string_view text) {
  Redaction out;
  std::set<std::size_t> used;
  std::size_t at = 0;
  for (const Piece& piece : find_pieces(text)) {
    const std::size_t replacement = replacement_for(piece, text);
    out.text += text.substr(at, piece.span.begin - at);
    out.text += replacements_[replacement].placeholder;
    if (used.insert(replacement).second) out.replacements.push_back(replacements_[replacement]);
    at = piece.span.end;
  }
  out.text += text.substr(at);
  return out;
}

std::vector<Span> Redactor::leaks(std::string_view outgoing) const {
  std::vector<Span> ours;  // only what we have put there ourselves is no text of the user's
  for (const Span& span : find_placeholders(outgoing)) {
    const Placeholder found = parse_placeholder(outgoing, span.begin).placeholder;
    const auto known = by_placeholder_.find(found);
    if (known == by_placeholder_.end()) continue;
    const std::string_view bytes = outgoing.substr(span.begin, span.end - span.begin);
    if (bytes == replacements_[known->second].placeholder) ours.push_back(span);
  }
  std::vector<Span> out;
  for (const auto& match : known_.find(outgoing, ours)) {
    out.push_back({match.begin, match.end, known_[match.value].kind});
  }
  return out;
}

}  // namespace plmm::privacy
