// White space, control characters and paragraphs.
#include "reader/plain_text.h"

#include <algorithm>

#include "text/unicode.h"

namespace plmm::reader {
namespace {

constexpr std::size_t kBinaryProbeBytes = 8'192;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// Spaces that forbid a line break (U+00A0) as plain ones.
std::string with_plain_spaces(std::string_view text) {
  constexpr std::string_view kNoBreak = "\xC2\xA0";
  std::string out;
  while (!text.empty()) {
    const auto at = text.find(kNoBreak);
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    out += ' ';
    text.remove_prefix(at + kNoBreak.size());
  }
  return out;
}

}  // namespace

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool is_utf8(std::string_view text) { return text::valid_bytes(text) == text.size(); }

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view why_no_text(std::string_view bytes) {
  if (bytes.substr(0, kBinaryProbeBytes).contains('\0')) return "binary";
  return is_utf8(bytes) ? std::string_view() : "not UTF-8";
}

std::string first_heading(std::string_view text, std::size_t n_bytes_max) {
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto mark = std::min(line.find_first_not_of('#'), line.size());
    if (mark > 0 && mark < line.size() && line[mark] == ' ')
      return one_line(line.substr(mark), n_bytes_max);
  }
  return {};
}

std::string cleaned(std::string_view text) {
  std::string out;
  std::size_t n_breaks = 2;  // none at the start
  std::size_t n_spaces = 0;  // not yet written: they may stand at the end of a line
  for (const char c : with_plain_spaces(text)) {
    if (c == '\n') {
      n_spaces = 0;
      if (n_breaks < 2) out += '\n';
      ++n_breaks;
    } else if (c == ' ') {
      ++n_spaces;
    } else if (c == '\t' || !is_control(c)) {
      out.append(n_spaces, ' ');
      out += c;
      n_spaces = 0;
      n_breaks = 0;
    }
  }
  while (!out.empty() && is_space(out.back())) out.pop_back();
  return out;
}

std::string with_every_line(std::string_view text) {
  std::string out;
  for (const char c : with_plain_spaces(text)) {
    if (c == '\n' || c == '\t' || !is_control(c)) out += c;
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t n_bytes_max) {
  std::string out;
  for (const char c : with_plain_spaces(text)) {
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (!is_control(c)) {
      out += c;
    }
  }
  out.resize(text::first_bytes(out, n_bytes_max).size());
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string unfolded(std::string_view text, std::size_t n_spaces) {
  std::string out;
  bool continues = false;  // the line before was prose of the same paragraph
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto indent = indent_of(line);
    if (indent == line.size()) {
      out += "\n\n";
      continues = false;
      continue;
    }
    const bool prose = indent <= n_spaces;
    if (!out.empty() && out.back() != '\n') out += continues && prose ? ' ' : '\n';
    out += prose ? line.substr(indent) : line.substr(n_spaces);
    continues = prose;
  }
  return out;
}

}  // namespace plmm::reader
