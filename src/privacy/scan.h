// The small steps that all detectors take over bytes. Not for other folders.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "privacy/kind.h"

namespace plmm::privacy {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The byte at `at`, or a line break beyond the end: nothing that a detector looks for has one.
constexpr char at_or_end(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\n';
}
/// Whether the byte before `at` is no ASCII letter or digit.
constexpr bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || !is_alphanumeric(text[at - 1]);
}
/// The end of the digits that begin at `at`.
std::size_t digits_end(std::string_view text, std::size_t at);

/// Whether one of `words` (lower case) stands as a word within `text`, in any case.
bool has_word(std::string_view text, std::span<const std::string_view> words);
/// The part of `text` of at most `n` bytes that ends at `at`.
std::string_view before(std::string_view text, std::size_t at, std::size_t n);

/// Spans that do not overlap: what was found first stays.
class Found {
 public:
  explicit Found(std::size_t text_size) : taken_(text_size, 0) {}
  void add(Span span);
  /// In the order of the text.
  std::vector<Span> take();

 private:
  std::vector<char> taken_;  // one for each byte of the text
  std::vector<Span> spans_;
};

}  // namespace plmm::privacy
