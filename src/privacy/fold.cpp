// Folding by small tables and ranges.
#include "privacy/fold.h"

#include <string_view>

namespace plmm::privacy {
namespace {

// What each character decomposes to by NFKD without marks, small; '?' stays as it is or is in
// kPairs. Made with Python's unicodedata (Unicode 15).
constexpr std::string_view kLatin =  // U+00C0 to U+017F
    "aaaaaa?ceeeeiiiidnooooo?ouuuuy??aaaaaa?ceeeeiiiidnooooo?ouuuuy?y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkkllllllllllnnnnnn?nnoooooo??"
    "rrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
constexpr std::string_view kLatinAdditional =  // U+1E00 to U+1EFF, the letters of Vietnamese in it
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrr"
    "rr"
    "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas????"
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy????"
    "??";
static_assert(kLatin.size() == 0x180 - 0xC0 && kLatinAdditional.size() == 0x100);

struct Pair {
  char32_t character;
  Folded folded;
};
constexpr Pair kPairs[] = {{U'Æ', {'a', 'e'}}, {U'æ', {'a', 'e'}}, {U'Œ', {'o', 'e'}},
                           {U'œ', {'o', 'e'}}, {U'Þ', {'t', 'h'}}, {U'þ', {'t', 'h'}},
                           {U'ß', {'s', 's'}}, {U'ẞ', {'s', 's'}}, {U'Ĳ', {'i', 'j'}},
                           {U'ĳ', {'i', 'j'}}, {U'ŉ', {'n', 0}},   {U'ơ', {'o', 0}},
                           {U'Ơ', {'o', 0}},   {U'ư', {'u', 0}},   {U'Ư', {'u', 0}},
                           {U'ς', {U'σ', 0}},  {U'ё', {U'е', 0}},  {U'Ё', {U'е', 0}}};

// Ά to Ώ and ά to ώ as their plain letters.
constexpr std::u32string_view kGreekAccented = U"ΆΈΉΊΌΎΏάέήίόύώΪΫϊϋΐΰ";
constexpr std::u32string_view kGreekPlain = U"αεηιουωαεηιουωιυιυιυ";
static_assert(kGreekAccented.size() == kGreekPlain.size());

constexpr bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// Alphabets whose capitals and small letters alternate, capitals even.
constexpr bool alternates(char32_t c) {
  return within(c, 0x460, 0x481) || within(c, 0x48A, 0x4BF) || within(c, 0x4D0, 0x52F);
}

char32_t from_table(std::string_view table, char32_t c, char32_t first) {
  const char letter = table[c - first];
  return letter == '?' ? c : static_cast<char32_t>(letter);
}

char32_t fold_one(char32_t c) {
  if (within(c, 'A', 'Z')) return c + 32;
  if (c < 0xC0) return c;
  if (c < 0x180) return from_table(kLatin, c, 0xC0);
  if (within(c, 0x1E00, 0x1EFF)) return from_table(kLatinAdditional, c, 0x1E00);
  if (const auto at = kGreekAccented.find(c); at != std::u32string_view::npos) {
    return kGreekPlain[at];
  }
  if (within(c, U'Α', U'Ω') || within(c, U'А', U'Я')) return c + 32;
  if (within(c, 0x400, 0x40F)) return c + 80;
  if (alternates(c)) return c | 1;
  if (within(c, 0x531, 0x556)) return c + 48;           // Armenian
  if (within(c, 0x660, 0x669)) return c - 0x660 + '0';  // Arabic-Indic digits, both kinds
  if (within(c, 0x6F0, 0x6F9)) return c - 0x6F0 + '0';
  if (within(c, 0xFF01, 0xFF5E)) return fold_one(c - 0xFF01 + '!');  // full width
  return c;
}

}  // namespace

Folded fold(char32_t character) {
  if (character < 0x80) return {fold_one(character), 0};
  for (const Pair& pair : kPairs) {
    if (pair.character == character) return pair.folded;
  }
  return {fold_one(character), 0};
}

bool is_capital(char32_t c) {
  if (c < 0x80) return within(c, 'A', 'Z');
  if (within(c, 0xC0, 0xDE)) return c != U'×';
  if (within(c, 0x139, 0x148) || within(c, 0x179, 0x17E)) return c % 2 == 1;
  if (within(c, 0x100, 0x177) || within(c, 0x1E00, 0x1EFF) || alternates(c)) return c % 2 == 0;
  return c == U'Ÿ' || within(c, U'Ά', U'Ώ') || within(c, U'Α', U'Ϋ') || within(c, 0x400, 0x42F) ||
         within(c, 0x531, 0x556) || within(c, 0xFF21, 0xFF3A);
}

bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x34F || within(c, 0x300, 0x36F) || within(c, 0x200B, 0x200F) ||
         within(c, 0x202A, 0x202E) || within(c, 0x2060, 0x2064) || within(c, 0x2066, 0x2069) ||
         within(c, 0xFE00, 0xFE0F) || c == 0xFEFF || within(c, 0xE0000, 0xE01EF);
}

bool is_unspaced(char32_t c) {
  return within(c, 0xE00, 0xEFF) || within(c, 0x1000, 0x109F) || within(c, 0x1100, 0x11FF) ||
         within(c, 0x1780, 0x17FF) || within(c, 0x2E80, 0xA4CF) || within(c, 0xAC00, 0xD7FF) ||
         within(c, 0xF900, 0xFAFF) || within(c, 0xFF66, 0xFFDC) || within(c, 0x20000, 0x3FFFF);
}

}  // namespace plmm::privacy
