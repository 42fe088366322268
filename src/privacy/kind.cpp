// Labels of the kinds.
#include "privacy/kind.h"

#include <algorithm>
#include <array>

#include "privacy/scan.h"

namespace plmm::privacy {
namespace {

constexpr std::array<std::string_view, kKinds> kLabels{
    "NAME", "EMPLOYER", "SCHOOL", "OCCUPATION", "CITY", "COUNTRY", "ADDRESS", "EMAIL", "PHONE",
    "CARD", "IBAN",     "IP",     "URL",        "DATE", "NUMBER",  "OTHER",   "TEXT"};
static_assert(kLabels[static_cast<std::size_t>(Kind::text)] == "TEXT");

}  // namespace

std::string_view label(Kind kind) { return kLabels[static_cast<std::size_t>(kind)]; }

std::optional<Kind> kind_named(std::string_view word) {
  const auto same = [](char label_letter, char letter) {
    return lower(label_letter) == lower(letter);
  };
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (std::ranges::equal(kLabels[i], word, same)) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace plmm::privacy
