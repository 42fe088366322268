// The escapes of groff(7) that manual pages use.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "reader/man_page.h"
#include "text/unicode.h"

namespace plmm::reader {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 40> kCharacters{{
    {"aq", "'"},  {"dq", "\""}, {"lq", "\""}, {"rq", "\""}, {"oq", "'"}, {"cq", "'"}, {"bu", "•"},
    {"em", "—"},  {"en", "–"},  {"hy", "-"},  {"mi", "-"},  {"ti", "~"}, {"ha", "^"}, {"ga", "`"},
    {"rs", "\\"}, {"co", "©"},  {"rg", "®"},  {"tm", "™"},  {"ul", "_"}, {"sl", "/"}, {"ba", "|"},
    {"or", "|"},  {"lB", "["},  {"rB", "]"},  {"lC", "{"},  {"rC", "}"}, {"la", "<"}, {"ra", ">"},
    {"<=", "≤"},  {">=", "≥"},  {"!=", "≠"},  {"+-", "±"},  {"mu", "×"}, {"->", "→"}, {"<-", "←"},
    {"de", "°"},  {"Fo", "«"},  {"Fc", "»"},  {"at", "@"},  {"sh", "#"},
}};
// Strings that the macros define: `` '' and C++ of pod2man, quotes of man(7).
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kStrings{{
    {"lq", "\""},
    {"rq", "\""},
    {"L\"", "\""},
    {"R\"", "\""},
    {"C`", ""},
    {"C'", ""},
    {"C+", "C++"},
    {"--", "—"},
}};

template <class Table>
std::string_view look_up(const Table& table, std::string_view name) {
  for (const auto& [key, value] : table) {
    if (key == name) return value;
  }
  return {};
}

/// "u2014" as UTF-8; nothing for other names.
std::string unicode_of(std::string_view name) {
  std::uint32_t value = 0;
  if (!name.starts_with('u')) return {};
  const auto end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + 1, end, value, 16);
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  std::string out;
  if (read.ec == std::errc() && read.ptr == end && value >= 0x20 && value < 0x110000 && !surrogate)
    text::append_utf8(value, out);
  return out;
}

/// Reads the escapes of one line.
class Escapes {
 public:
  explicit Escapes(std::string_view line) : rest_(line) {}

  std::string resolve() {
    std::string out;
    while (!rest_.empty()) {
      const auto at = rest_.find('\\');
      out += rest_.substr(0, at);
      if (at == std::string_view::npos) break;
      rest_.remove_prefix(std::min(at + 1, rest_.size()));
      if (rest_.starts_with('"')) break;  // a comment
      one(out);
    }
    return out;
  }

 private:
  char take() {
    if (rest_.empty()) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view take(std::size_t n) {
    const auto out = rest_.substr(0, n);
    rest_.remove_prefix(out.size());
    return out;
  }
  /// x, (xx or [xxx].
  std::string_view take_name() {
    if (rest_.starts_with('(')) return take(3).substr(1);
    if (!rest_.starts_with('[')) return take(1);
    const auto close = rest_.find(']');
    const auto name = rest_.substr(1, close - 1);
    take(close == std::string_view::npos ? rest_.size() : close + 1);
    return name;
  }
  /// 'xxx', with any character in the place of the quotes.
  std::string_view take_quoted() {
    const char quote = take();
    const auto close = rest_.find(quote);
    const auto inside = rest_.substr(0, close);
    take(close == std::string_view::npos ? rest_.size() : close + 1);
    return inside;
  }

  /// What stands behind a backslash.
  void one(std::string& out) {
    const char c = take();
    switch (c) {
      case '-':
      case '.':
      case '\'':
      case '`':
      case '_':
        out += c;
        break;
      case 'e':
      case '\\':
        out += '\\';
        break;
      case ' ':
      case '~':
      case '0':
        out += ' ';
        break;
      case 't':
        out += '\t';
        break;
      case '(':
        out += look_up(kCharacters, take(2));
        break;
      case '[':
        bracketed(out);
        break;
      case 'C':
        take_quoted();
        break;
      case '*':
        out += look_up(kStrings, take_name());
        break;
      case 'f':
      case 'F':
      case 'm':
      case 'M':
      case 'n':
      case 'k':
      case 'g':
      case 'Y':
        take_name();
        break;
      case 's':
        size();
        break;
      case 'h':
      case 'v':
      case 'w':
      case 'l':
      case 'L':
      case 'o':
      case 'b':
      case 'D':
      case 'Z':
      case 'X':
      case 'x':
      case 'S':
      case 'H':
      case 'A':
      case 'B':
      case 'N':
      case 'R':
        take_quoted();
        break;
      default:  // \& \| \^ \/ \, \: \% \c \{ \} and the like print nothing
        break;
    }
  }

  void bracketed(std::string& out) {
    const auto close = rest_.find(']');
    const auto name = rest_.substr(0, close);
    take(close == std::string_view::npos ? rest_.size() : close + 1);
    const auto known = look_up(kCharacters, name);
    out += known.empty() ? unicode_of(name) : std::string(known);
  }

  /// \s0, \s+1, \s-1, \s'+1', \s(12.
  void size() {
    if (rest_.starts_with('\'')) {
      take_quoted();
      return;
    }
    if (rest_.starts_with('+') || rest_.starts_with('-')) take();
    take_name();
  }

  std::string_view rest_;
};

}  // namespace

std::string resolve_escapes(std::string_view line) { return Escapes(line).resolve(); }

}  // namespace plmm::reader
