// Decoding, word borders and gaps.
#include "privacy/letters.h"

#include <optional>
#include <string>

#include "privacy/fold.h"
#include "privacy/scan.h"
#include "text/unicode.h"

namespace plmm::privacy {
namespace {

constexpr int kSeparatorsMax = 3;  // "Vogt, (Anna": more than this many marks end a value

/// A text with its escapes decoded; `source[i]` is where byte i comes from, with one entry more for
/// the end.
struct Unescaped {
  std::string bytes;
  std::vector<std::size_t> source;
};

// The number of `n` hex digits at `at`, or nothing.
std::optional<char32_t> hex_number(std::string_view text, std::size_t at, std::size_t n) {
  if (n > text.size() || at > text.size() - n) return std::nullopt;
  char32_t out = 0;
  for (const char c : text.substr(at, n)) {
    const char small = lower(c);
    if (!is_digit(c) && !(small >= 'a' && small <= 'f')) return std::nullopt;
    out = 16 * out + static_cast<char32_t>(is_digit(c) ? c - '0' : small - 'a' + 10);
  }
  return out;
}

// The character of a \uXXXX at `at` (or of two that form a surrogate pair) and its bytes.
std::optional<text::Decoded> unicode_escape(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\\u") return std::nullopt;
  const auto high = hex_number(text, at + 2, 4);
  if (!high) return std::nullopt;
  if (*high >= 0xD800 && *high < 0xDC00 && text.substr(at + 6, 2) == "\\u") {
    const auto low = hex_number(text, at + 8, 4);
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      return text::Decoded{0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00), 12};
    }
  }
  return text::Decoded{*high, 6};
}

Unescaped unescape(std::string_view text, std::size_t begin) {
  constexpr std::string_view kSimple = "nrtbf\"/\\";
  Unescaped out;
  out.bytes.reserve(text.size() - begin);
  out.source.reserve(text.size() - begin + 1);
  for (std::size_t at = begin; at < text.size();) {
    std::size_t n_bytes = 1;
    if (const auto character = unicode_escape(text, at)) {
      text::append_utf8(character->character, out.bytes);
      n_bytes = character->n_bytes;
    } else if (text[at] == '\\' && kSimple.find(at_or_end(text, at + 1)) != kSimple.npos) {
      out.bytes += '\n';  // all of them separate words
      n_bytes = 2;
    } else if (const auto byte = hex_number(text, at + 1, 2); byte && text[at] == '%') {
      out.bytes += static_cast<char>(*byte);
      n_bytes = 3;
    } else {
      out.bytes += text[at];
    }
    out.source.resize(out.bytes.size(), at);
    at += n_bytes;
  }
  out.source.push_back(text.size());
  return out;
}

/// Collects letters and what lies between them.
class Reader {
 public:
  void add(char32_t character, std::size_t begin, std::size_t end) {
    if (is_invisible(character)) {
      if (!letters_.empty() && letters_.back().end == begin) letters_.back().end = end;
      return;
    }
    const text::CharClass kind = text::char_class(character);
    if (kind == text::CharClass::letter || kind == text::CharClass::number) {
      add_letter(character, begin, end, kind);
    } else {
      apart_ = true;
      if (kind != text::CharClass::space) ++n_separators_;
    }
  }
  void add_wall() { n_separators_ = kSeparatorsMax + 1; }
  std::vector<Letter> take() { return std::move(letters_); }

 private:
  void add_letter(char32_t character, std::size_t begin, std::size_t end, text::CharClass kind) {
    const bool capital = is_capital(character);
    const bool unspaced = is_unspaced(character);
    Gap gap = Gap::none;
    if (letters_.empty() || n_separators_ > kSeparatorsMax) {
      gap = Gap::wall;
    } else if (apart_) {
      gap = Gap::apart;
    } else if (kind != last_kind_ || unspaced || last_unspaced_ || (capital && !last_capital_)) {
      gap = Gap::joint;
    }
    const Folded folded = fold(character);
    letters_.push_back({folded[0], begin, end, gap, capital});
    if (folded[1] != 0) letters_.push_back({folded[1], begin, end, Gap::none, false});
    n_separators_ = 0;
    apart_ = false;
    last_kind_ = kind;
    last_unspaced_ = unspaced;
    last_capital_ = capital;
  }

  std::vector<Letter> letters_;
  int n_separators_ = 0;  // since the last letter, white space aside
  bool apart_ = false;
  text::CharClass last_kind_ = text::CharClass::other;
  bool last_unspaced_ = false;
  bool last_capital_ = false;
};

// The letters of text[begin, …), whatever stands before.
void read_part(std::string_view text, std::size_t begin, Escapes escapes, Reader& reader) {
  if (escapes == Escapes::keep) {
    for (std::size_t at = begin; at < text.size();) {
      const auto [character, n_bytes] = text::decode_lenient(text, at);
      reader.add(character, at, at + n_bytes);
      at += n_bytes;
    }
    return;
  }
  const Unescaped decoded = unescape(text, begin);
  for (std::size_t at = 0; at < decoded.bytes.size();) {
    const auto [character, n_bytes] = text::decode_lenient(decoded.bytes, at);
    reader.add(character, decoded.source[at], decoded.source[at + n_bytes]);
    at += n_bytes;
  }
}

}  // namespace

bool has_escapes(std::string_view text) { return text.find_first_of("\\%") != text.npos; }

std::vector<Letter> read_letters(std::string_view text, Escapes escapes,
                                 std::span<const Span> walls) {
  Reader reader;
  std::size_t begin = 0;
  for (const Span& wall : walls) {
    read_part(text.substr(0, wall.begin), begin, escapes, reader);
    reader.add_wall();
    begin = wall.end;
  }
  read_part(text, begin, escapes, reader);
  return reader.take();
}

}  // namespace plmm::privacy
