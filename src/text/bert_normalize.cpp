// The only file that asks utf8proc: categories, decompositions and lower case of single characters.
#include "text/bert_normalize.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/check.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

constexpr char32_t kAsciiEnd = 0x80;
/// Characters of the longest canonical decomposition (U+1F82 and the like), with room to spare.
constexpr std::size_t kDecomposedMax = 16;

struct Block {
  char32_t first;
  char32_t last;
};
constexpr Block kIdeographs[] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
                                 {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F},
                                 {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F}};

bool is_ideograph(char32_t c) {
  return std::ranges::any_of(kIdeographs, [c](Block b) { return c >= b.first && c <= b.last; });
}

utf8proc_int32_t signed_of(char32_t c) { return static_cast<utf8proc_int32_t>(c); }

/// Control, format, surrogate and private-use characters; unassigned ones stay.
bool is_dropped(char32_t c) {
  switch (utf8proc_category(signed_of(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
      return true;
    default:
      return c == kReplacement;
  }
}

/// Appends the canonical decomposition of `c`; marks are put in order later.
void append_decomposed(char32_t c, std::u32string& out) {
  std::array<utf8proc_int32_t, kDecomposedMax> parts{};
  int boundary = 0;
  const auto n = utf8proc_decompose_char(signed_of(c), parts.data(), kDecomposedMax,
                                         UTF8PROC_DECOMPOSE, &boundary);
  CHECK(n > 0 && n <= static_cast<utf8proc_ssize_t>(kDecomposedMax));
  std::copy_n(parts.begin(), n, std::back_inserter(out));
}

int combining_class(char32_t c) { return utf8proc_get_property(signed_of(c))->combining_class; }

/// Brings each run of marks into the order of their combining classes.
void order_marks(std::u32string& text) {
  for (auto at = text.begin(); at != text.end(); ++at) {
    if (combining_class(*at) == 0) continue;
    const auto end =
        std::find_if(at, text.end(), [](char32_t c) { return combining_class(c) == 0; });
    std::stable_sort(
        at, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    at = end - 1;
  }
}

bool is_accent(char32_t c) { return utf8proc_category(signed_of(c)) == UTF8PROC_CATEGORY_MN; }

/// Appends what is left of a character beyond ASCII before decomposition.
void append_clean(char32_t c, std::u32string& out) {
  if (is_dropped(c)) return;  // U+0085 is white space too, and dropped
  if (char_class(c) == CharClass::space) {
    out += U' ';
  } else if (is_ideograph(c)) {
    out += U' ';
    append_decomposed(c, out);
    out += U' ';
  } else {
    append_decomposed(c, out);
  }
}

void append_ascii(char32_t c, std::u32string& out) {
  constexpr char32_t kDelete = 0x7F;
  if (c == U' ' || c == U'\t' || c == U'\n' || c == U'\r') {
    out += U' ';
  } else if (c > U' ' && c != kDelete) {
    out += c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c;
  }
}

}  // namespace

std::u32string normalize_uncased(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  bool is_ascii = true;
  for (std::size_t at = 0; at < utf8.size();) {
    const Decoded next = decode_lenient(utf8, at);
    at += next.n_bytes;
    if (next.character < kAsciiEnd) {
      append_ascii(next.character, out);
    } else {
      is_ascii = false;
      append_clean(next.character, out);
    }
  }
  if (is_ascii) return out;
  order_marks(out);
  std::erase_if(out, is_accent);
  for (char32_t& c : out) c = static_cast<char32_t>(utf8proc_tolower(signed_of(c)));
  return out;
}

}  // namespace plmm::text
