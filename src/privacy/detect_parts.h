// The detectors that detect() runs one after the other. Not for other folders.
#pragma once

#include <string_view>

#include "privacy/scan.h"

namespace plmm::privacy {

/// Cards and phone numbers. digits.cpp.
void find_digits(std::string_view text, Found& found);
/// Dates shortly behind "born", "date of birth" and the like. birth_date.cpp.
void find_birth_dates(std::string_view text, Found& found);

}  // namespace plmm::privacy
