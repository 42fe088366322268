// What stands in a text for personal data: [NAME_1], and [NAME_1.2] for its second spelling.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/kind.h"

namespace plmm::privacy {

struct Placeholder {
  Kind kind;
  std::uint32_t value;         // counts from 1 for each kind
  std::uint32_t spelling = 1;  // counts from 1 for each value
  auto operator<=>(const Placeholder&) const = default;
};

std::string to_text(Placeholder placeholder);

/// What stands at a '['.
struct ParsedPlaceholder {
  enum class Status : std::uint8_t {
    none,
    unfinished,  // more bytes could make it one
    whole,
  };
  Status status = Status::none;
  Placeholder placeholder{};
  std::size_t n_bytes = 0;
  std::string_view genitive{};  // "'s" where it stood inside: [NAME_1's]
};

/// Reads as models write them: any case, "_", "\_", "-" or a space before the number, a genitive
/// inside. At most some forty bytes are looked at. Needs: text[at] is '['.
ParsedPlaceholder parse_placeholder(std::string_view text, std::size_t at);

/// Everything in `text` that reads as a placeholder, kind `text` each.
std::vector<Span> find_placeholders(std::string_view text);

}  // namespace plmm::privacy
