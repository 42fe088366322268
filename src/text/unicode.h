// UTF-8 and the few classes of characters that pre-tokenizers ask for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plmm::text {

/// \p{L}, \p{N}, White_Space, \p{P}, and everything else, unassigned characters included.
enum class CharClass : std::uint8_t {
  other = 0,
  letter = 1,
  number = 2,
  space = 3,
  punctuation = 4
};

/// Unicode 15.1, fixed: token ids must not change with the Unicode version of a library.
CharClass char_class(char32_t character);

inline constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t character;
  std::uint32_t n_bytes;  // at least 1
};

/// The character at utf8[at], read as llama.cpp does: overlong forms and surrogates count as what
/// they say, any other broken byte is U+FFFD on its own.
Decoded decode_lenient(std::string_view utf8, std::size_t at);

enum class Utf8Status : std::uint8_t { whole, unfinished, broken };
struct Utf8Step {
  Utf8Status status;
  std::uint32_t n_bytes;  // whole: of the character; unfinished, broken: of the longest valid
                          // beginning, at least 1
};

/// What stands at utf8[at] by the standard (no overlong forms, no surrogates). Unfinished: more
/// bytes could make it whole.
Utf8Step inspect_utf8(std::string_view utf8, std::size_t at);
/// How many bytes from the start are UTF-8 by the standard: text.size() when all are.
std::size_t valid_bytes(std::string_view text);
/// The text, or where it is longer its beginning: at most `n_bytes_max` bytes of whole characters.
std::string_view first_bytes(std::string_view text, std::size_t n_bytes_max);

/// Appends `character` (below 0x110000; surrogates as three bytes).
void append_utf8(char32_t character, std::string& out);

/// Where the class changes: first character << 3 | class, rising. unicode_table.cpp.
inline constexpr std::size_t kUnicodeTableSize = 1801;
extern const std::array<std::uint32_t, kUnicodeTableSize> kUnicodeTable;

}  // namespace plmm::text
