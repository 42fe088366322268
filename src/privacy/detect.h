// Personal data that can be told by its form alone: addresses, numbers with a checksum, dates of
// birth.
#pragma once

#include <string_view>
#include <vector>

#include "privacy/kind.h"

namespace plmm::privacy {

/// E-mail, phone, card (Luhn), IBAN (mod 97), IP (not the device's own 127.…), user and password in
/// a URL, date behind a word for birth. Spans rise and do not overlap. Any bytes; time is linear in
/// their number.
std::vector<Span> detect(std::string_view text);

}  // namespace plmm::privacy
