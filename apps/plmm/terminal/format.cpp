// Formatting for people; see format.h.
#include "apps/plmm/terminal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace plmm::terminal {

std::string thousands(std::uint64_t n) {
  const std::string digits = std::to_string(n);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string count_text(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", thousands(n), noun, n == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"kB", "MB", "GB", "TB"}) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  // Two places only where they carry meaning: 1.12 GB, but 98 MB.
  if (value < 10) return fmt::format("{:.2f} {}", value, unit);
  return fmt::format("{:.0f} {}", value, unit);
}

std::string duration_text(double seconds) {
  const bool is_whole = std::floor(seconds) == seconds;
  if (seconds < 9.95 && !is_whole) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  if (whole >= 100 * 3600) return fmt::format("{} h", whole / 3600);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::size_t columns(std::string_view utf8) {
  std::size_t n = 0;
  for (const char c : utf8) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return n;
}

std::string padded(std::string_view utf8, std::size_t width) {
  std::string out(utf8);
  const std::size_t n = columns(utf8);
  if (n < width) out.append(width - n, ' ');
  return out;
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  const auto put = [&](std::string_view word) {
    if (column > 0 && column + 1 + columns(word) > width) {
      out += '\n';
      column = 0;
    }
    if (column == 0) {
      out.append(indent, ' ');
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns(word);
  };
  while (!text.empty()) {
    const auto stop = text.find_first_of(" \n");
    if (stop != 0) put(text.substr(0, stop));
    if (stop == std::string_view::npos) break;
    if (text[stop] == '\n') {
      out += '\n';
      column = 0;
    }
    text.remove_prefix(stop + 1);
  }
  if (column > 0) out += '\n';
  return out;
}

std::string shell_word(std::string_view word) {
  const auto is_plain = [](char c) {
    const bool is_letter_or_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter_or_digit || std::string_view("_-./:=,+@%~").contains(c);
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::optional<std::int64_t> id_in(std::string_view text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  if (text.empty() || read.ptr != end || read.ec != std::errc()) return std::nullopt;
  return id;
}

}  // namespace plmm::terminal
