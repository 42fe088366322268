// What sort of personal data something is, and where it stands in a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plmm::privacy {

enum class Kind : std::uint8_t {
  name,
  employer,
  school,
  occupation,
  city,
  country,
  address,
  email,
  phone,
  card,
  iban,
  ip,
  url,
  date,
  number,
  other,
  text,  // no personal data, but looks like one of our placeholders
};
inline constexpr std::size_t kKinds = 17;

/// "NAME", "EMAIL", …: the word in a placeholder, capital ASCII letters.
std::string_view label(Kind kind);
/// The kind with this label in any case ("employer"), or nothing.
std::optional<Kind> kind_named(std::string_view word);

/// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin;
  std::size_t end;
  Kind kind;
  bool operator==(const Span&) const = default;
};

}  // namespace plmm::privacy
