// Text of errors for gguf/format.h.
#include "gguf/format.h"

#include <algorithm>

namespace plmm::gguf {
namespace {

constexpr std::size_t kEscapedBytesMax = 64;

bool is_visible(char c) { return c > ' ' && c <= '~'; }

}  // namespace

bool is_visible_ascii(std::string_view text) { return std::ranges::all_of(text, is_visible); }

std::string escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text.substr(0, kEscapedBytesMax)) {
    if ((is_visible(c) || c == ' ') && c != '\'' && c != '\\') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out + (text.size() > kEscapedBytesMax ? "…'" : "'");
}

std::string grouped(std::uint64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t i = out.size(); i > 3; i -= 3) out.insert(i - 3, 1, ',');
  return out;
}

}  // namespace plmm::gguf
