// UTF-8 and character classes.
#include "text/unicode.h"

#include <algorithm>

namespace plmm::text {
namespace {

constexpr char32_t kCharacterMax = 0x10FFFF;

std::uint8_t byte_at(std::string_view utf8, std::size_t at) {
  return static_cast<std::uint8_t>(utf8[at]);
}

// How many bytes a lead byte announces; 0 for a byte that cannot lead.
std::uint32_t announced_bytes(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC0) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF8 ? 4 : 0;
}

CharClass search_table(char32_t character) {
  // The class bits of the key are all set, so that an entry for the character itself sorts before
  // it.
  const auto key = static_cast<std::uint32_t>(character) << 3 | 7;
  const auto after = std::upper_bound(kUnicodeTable.begin(), kUnicodeTable.end(), key);
  return static_cast<CharClass>(*(after - 1) & 7);
}

}  // namespace

CharClass char_class(char32_t character) {
  static const auto kAscii = [] {
    std::array<CharClass, 128> classes{};
    for (char32_t c = 0; c < classes.size(); ++c) classes[c] = search_table(c);
    return classes;
  }();
  if (character < kAscii.size()) return kAscii[character];
  return character <= kCharacterMax ? search_table(character) : CharClass::other;
}

Decoded decode_lenient(std::string_view utf8, std::size_t at) {
  const std::uint8_t lead = byte_at(utf8, at);
  const std::uint32_t n_bytes = announced_bytes(lead);
  if (n_bytes == 1) return {lead, 1};
  if (n_bytes == 0 || n_bytes > utf8.size() - at) return {kReplacement, 1};
  char32_t character = lead & (0xFFU >> (n_bytes + 1));
  for (std::uint32_t i = 1; i < n_bytes; ++i) {
    const std::uint8_t byte = byte_at(utf8, at + i);
    if ((byte & 0xC0) != 0x80) return {kReplacement, 1};
    character = character << 6 | (byte & 0x3FU);
  }
  if (character > kCharacterMax) return {kReplacement, 1};
  return {character, n_bytes};
}

Utf8Step inspect_utf8(std::string_view utf8, std::size_t at) {
  const std::uint8_t lead = byte_at(utf8, at);
  const std::uint32_t n_bytes = announced_bytes(lead);
  if (n_bytes == 1) return {Utf8Status::whole, 1};
  // C0, C1 and F5 and above would only start overlong forms or characters beyond the last.
  if (n_bytes == 0 || lead < 0xC2 || lead > 0xF4) return {Utf8Status::broken, 1};
  // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF
  // (Unicode, table 3-7).
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::uint32_t i = 1; i < n_bytes; ++i) {
    if (at + i == utf8.size()) return {Utf8Status::unfinished, i};
    const std::uint8_t byte = byte_at(utf8, at + i);
    if (byte < low || byte > high) return {Utf8Status::broken, i};
    low = 0x80;
    high = 0xBF;
  }
  return {Utf8Status::whole, n_bytes};
}

std::size_t valid_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto step = inspect_utf8(text, at);
    if (step.status != Utf8Status::whole) break;
    at += step.n_bytes;
  }
  return at;
}

std::string_view first_bytes(std::string_view text, std::size_t n_bytes_max) {
  if (text.size() <= n_bytes_max) return text;
  text = text.substr(0, n_bytes_max);
  return text.substr(0, valid_bytes(text));
}

void append_utf8(char32_t character, std::string& out) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0 | character >> 6);
    put(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    put(0xE0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3F));
    put(0x80 | (character & 0x3F));
  } else {
    put(0xF0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3F));
    put(0x80 | (character >> 6 & 0x3F));
    put(0x80 | (character & 0x3F));
  }
}

}  // namespace plmm::text
