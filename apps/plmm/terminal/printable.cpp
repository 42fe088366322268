// A strict UTF-8 walk that copies harmless characters only.
#include "apps/plmm/terminal/printable.h"

#include <cstdint>

namespace plmm::terminal {
namespace {

struct Character {
  std::size_t n_bytes = 1;
  std::uint32_t code = 0xFFFD;
  bool valid = false;
};

Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {1, first, true};
  std::size_t n = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    n = 2, code = first & 0x1FU, smallest = 0x80;
  } else if ((first & 0xF0U) == 0xE0) {
    n = 3, code = first & 0x0FU, smallest = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    n = 4, code = first & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < n) return {};
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) return {};
  return {n, code, true};
}

bool drives_terminal(std::uint32_t code) {
  if (code == '\n' || code == '\t') return false;
  const bool control = code < 0x20 || (code >= 0x7F && code <= 0x9F);
  const bool reorders = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || reorders;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto character = next_character(text);
    if (!character.valid) {
      out += "\xEF\xBF\xBD";
    } else if (!drives_terminal(character.code)) {
      out += text.substr(0, character.n_bytes);
    }
    text.remove_prefix(character.n_bytes);
  }
  return out;
}

}  // namespace plmm::terminal
