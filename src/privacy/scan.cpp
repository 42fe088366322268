// Steps over bytes; each looks at a bounded neighbourhood, so that detection stays linear.
#include "privacy/scan.h"

#include <algorithm>
#include <utility>

namespace plmm::privacy {

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

bool has_word(std::string_view text, std::span<const std::string_view> words) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_letter(text[at])) continue;
    const std::size_t begin = at;
    while (at < text.size() && is_letter(text[at])) ++at;
    const std::string_view word = text.substr(begin, at - begin);
    for (const std::string_view wanted : words) {
      if (std::ranges::equal(wanted, word, [](char a, char b) { return a == lower(b); })) {
        return true;
      }
    }
  }
  return false;
}

std::string_view before(std::string_view text, std::size_t at, std::size_t n) {
  const std::size_t begin = at > n ? at - n : 0;
  return text.substr(begin, at - begin);
}

void Found::add(Span span) {
  const auto begin = taken_.begin() + static_cast<std::ptrdiff_t>(span.begin);
  const auto end = taken_.begin() + static_cast<std::ptrdiff_t>(span.end);
  if (std::find(begin, end, 1) != end) return;
  std::fill(begin, end, 1);
  spans_.push_back(span);
}

std::vector<Span> Found::take() {
  std::ranges::sort(spans_, {}, &Span::begin);
  return std::exchange(spans_, {});
}

}  // namespace plmm::privacy
