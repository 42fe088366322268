// Characters as they count when two spellings are compared: without case, accents and width.
#pragma once

#include <array>
#include <cstdint>

namespace plmm::privacy {

/// One or two characters; the second is 0 where there is none.
using Folded = std::array<char32_t, 2>;

/// "É" → e, "ß" → ss, "Ж" → ж, "Ａ" → a, "٣" → 3; anything else as it is. Latin letters lose their
/// accents; Greek, Cyrillic and Armenian ones their case (simple folding; accents of Greek vowels
/// too).
Folded fold(char32_t character);

/// Whether it is a capital letter of the Latin, Greek or Cyrillic alphabets.
bool is_capital(char32_t character);

/// Joiners, soft hyphens, direction marks and combining accents: a word goes on across them.
bool is_invisible(char32_t character);

/// Han, kana, Hangul, Thai and their neighbours: words stand there without spaces between them.
bool is_unspaced(char32_t character);

}  // namespace plmm::privacy
