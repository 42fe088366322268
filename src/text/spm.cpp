// SentencePiece-style tokens with scores.
#include "text/spm.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/narrow.h"
#include "text/merge_symbols.h"
#include "text/special_tokens.h"

namespace plmm::text {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

std::string escape_spaces(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  for (const char c : text) {
    if (c == ' ') {
      out += kSpaceMark;
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// "<0x0A>": the text of a byte's token.
std::string byte_token_text(std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

// The byte of such a text; nothing for any other text.
std::optional<char> byte_of_token(std::string_view text) {
  unsigned byte = 0;
  if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 3, text.data() + 5, byte, 16);
  if (error != std::errc() || end != text.data() + 5) return std::nullopt;
  return static_cast<char>(byte);
}

// Orders floats as unsigned integers, highest first: the sign bit makes negative floats sort
// backwards (IEEE 754).
std::uint32_t rank_of_score(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);  // -0 becomes +0
  const std::uint32_t rising = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
  return ~rising;
}

// How many bytes the first byte announces, whether they follow or not.
std::size_t announced_length(char lead) {
  const auto byte = static_cast<std::uint8_t>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> SpmTokenizer::create(const VocabularySpec& spec) {
  if (!spec.scores.empty() && spec.scores.size() != spec.tokens.size()) {
    return fail(ErrorCode::corrupt_data, "tokenizer.ggml.scores has " +
                                             std::to_string(spec.scores.size()) + " entries for " +
                                             std::to_string(spec.tokens.size()) + " tokens");
  }
  for (std::size_t id = 0; id < spec.scores.size(); ++id) {
    if (std::isnan(spec.scores[id])) {
      return fail(ErrorCode::corrupt_data,
                  "tokenizer.ggml.scores: entry " + std::to_string(id) + " is not a number");
    }
  }
  return std::unique_ptr<Tokenizer>(new SpmTokenizer(spec));
}

SpmTokenizer::SpmTokenizer(const VocabularySpec& spec)
    : Tokenizer(spec), add_space_prefix_(spec.add_space_prefix) {
  ranks_.assign(spec.tokens.size(), rank_of_score(0));
  std::transform(spec.scores.begin(), spec.scores.end(), ranks_.begin(), rank_of_score);
  // An unknown token that also ends answers must not come out of text.
  const bool has_unknown = spec.unknown && kind(*spec.unknown) == TokenKind::unknown;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto byte_token = index().find(byte_token_text(static_cast<std::uint8_t>(byte)));
    if (byte_token && kind(*byte_token) == TokenKind::byte) {
      byte_ids_[byte] = *byte_token;
    } else {
      byte_ids_[byte] = has_unknown ? *spec.unknown : -1;
    }
  }
}

std::vector<TokenId> SpmTokenizer::encode(std::string_view utf8, Special special) const {
  return encode_after(Before::start, utf8, special);
}

std::vector<TokenId> SpmTokenizer::encode_more(std::string_view utf8, Special special) const {
  return encode_after(Before::text, utf8, special);
}

std::vector<TokenId> SpmTokenizer::encode_after(Before before, std::string_view utf8,
                                                Special special) const {
  std::vector<TokenId> ids;
  for (const Fragment& fragment : specials(special).split(utf8)) {
    if (fragment.id >= 0) {
      ids.push_back(fragment.id);
      before = Before::start;
      continue;
    }
    std::string escaped = escape_spaces(fragment.text);
    if (add_space_prefix_ && before == Before::start) escaped.insert(0, kSpaceMark);
    encode_text(escaped, ids);
    before = Before::text;
  }
  return ids;
}

TokenId SpmTokenizer::find_mergeable(std::string_view text) const {
  const auto id = index().find(text);
  return id && mergeable(*id) ? *id : -1;
}

void SpmTokenizer::encode_text(std::string_view escaped, std::vector<TokenId>& ids) const {
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < escaped.size();) {
    const std::size_t length = std::min(announced_length(escaped[at]), escaped.size() - at);
    symbols.push_back({find_mergeable(escaped.substr(at, length)), narrow<std::uint32_t>(at),
                       narrow<std::uint32_t>(length), -1, -1});
    at += length;
  }
  link_symbols(symbols);
  merge_symbols(symbols, [&](const Symbol& left, const Symbol& right) -> std::optional<Merge> {
    const TokenId id = find_mergeable(escaped.substr(left.begin, left.length + right.length));
    if (id < 0) return std::nullopt;
    return Merge{ranks_[static_cast<std::size_t>(id)], id};
  });
  for (const Symbol& symbol : symbols) {
    if (symbol.length == 0) continue;
    if (symbol.id >= 0) {
      ids.push_back(symbol.id);
      continue;
    }
    for (const char byte : escaped.substr(symbol.begin, symbol.length)) {
      const TokenId id = byte_ids_[static_cast<std::uint8_t>(byte)];
      if (id >= 0) ids.push_back(id);
    }
  }
}

std::string SpmTokenizer::piece(TokenId id, Special special) const {
  const std::string_view text = index().text(id);
  switch (kind(id)) {
    case TokenKind::user_defined:
      return std::string(text);
    case TokenKind::control:
    case TokenKind::unknown:
      return special == Special::parse ? std::string(text) : std::string();
    case TokenKind::unused:
      return {};
    case TokenKind::byte: {
      const auto byte = byte_of_token(text);
      return byte ? std::string(1, *byte) : std::string(text);
    }
    case TokenKind::normal:
      break;
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool space = text.substr(at, kSpaceMark.size()) == kSpaceMark;
    out.push_back(space ? ' ' : text[at]);
    at += space ? kSpaceMark.size() : 1;
  }
  return out;
}

}  // namespace plmm::text
