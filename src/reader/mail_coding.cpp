// Decoding of mail; see mail_coding.h. Source: RFC 2045, §6.7 and §6.8.
#include "reader/mail_coding.h"

#include <array>
#include <cstdint>
#include <optional>

#include "reader/plain_text.h"
#include "text/unicode.h"

namespace plmm::reader {
namespace {

// Windows-1252 from 0x80 to 0x9F; 0 is not used.
constexpr std::array<char32_t, 32> kWindows1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned char kEuroOf885915 = 0xA4;  // where ISO 8859-1 has another sign

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return {};
}

char32_t of_windows_1252(unsigned char byte) {
  if (byte < 0x80 || byte >= 0xA0) return byte;
  const char32_t character = kWindows1252[byte - 0x80U];
  return character == 0 ? U'?' : character;
}

}  // namespace

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (rest[0] != '=') {
      out += rest[0];
    } else if (rest.starts_with("=\n")) {
      i += 1;
    } else if (rest.starts_with("=\r\n")) {
      i += 2;
    } else {
      const auto high = rest.size() > 2 ? hex_digit(rest[1]) : std::nullopt;
      const auto low = rest.size() > 2 ? hex_digit(rest[2]) : std::nullopt;
      if (high && low) {
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
      } else {
        out += '=';
      }
    }
  }
  return out;
}

std::string decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto digit = kBase64.find(c);
    if (digit == std::string_view::npos) continue;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    n_bits += 6;
    if (n_bits < 8) continue;
    n_bits -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(n_bits) & 0xFFU);
  }
  return out;
}

std::string utf8_from(std::string_view charset, std::string_view bytes) {
  const std::string name = lower_case(charset);
  if (is_utf8(bytes) && (name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii"))
    return std::string(bytes);
  const bool is_8859_15 = name == "iso-8859-15";
  const bool is_known = name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" ||
                        name == "iso-8859-1" || name == "windows-1252" || is_8859_15;
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    char32_t character = is_known || byte < 0x80 ? of_windows_1252(byte) : U'?';
    if (is_8859_15 && byte == kEuroOf885915) character = 0x20AC;
    text::append_utf8(character, out);
  }
  return out;
}

}  // namespace plmm::reader
