// Dictionaries in the format of dictd: an index of headwords and a file of articles.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "reader/documents.h"

namespace plmm::reader {

inline constexpr std::size_t kIndexLineBytesMax = 4'096;

/// Passes each article once, in the order of the articles, with its first headword as the title.
/// Cross-references lose their braces, prose its line breaks. `index` has lines "headword TAB
/// offset TAB length", numbers in base 64; lines and articles that cannot be read are counted in
/// `report`. Headwords that begin with "00-database-" describe the dictionary and are left out.
Result<> read_dictionary(std::string_view name, std::string_view index, std::string_view articles,
                         const OnDocument& on_document, ReadReport& report);

/// dictd's numbers: digits A-Z a-z 0-9 + /, the highest first. corrupt_data for others, and for
/// more than 32 bits.
Result<std::uint32_t> parse_base64_number(std::string_view digits);

}  // namespace plmm::reader
