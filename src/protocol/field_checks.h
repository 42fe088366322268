// The checks that fields of all messages have in common. For the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "ledger/types.h"

namespace plmm::protocol {

/// "'field' what" as invalid_argument.
std::unexpected<Error> wrong(std::string_view field, std::string_view what);
/// UTF-8 of at most `n_bytes_max` bytes.
Result<> check_text(std::string_view field, std::string_view text, std::size_t n_bytes_max);
/// The same without control characters: what is shown in one line of a terminal.
Result<> check_line(std::string_view field, std::string_view text, std::size_t n_bytes_max);
Result<> check_name(std::string_view field, std::string_view name);
/// 0 … 2^53 - 1.
Result<> check_amount(std::string_view field, ledger::Microcredits amount);
/// Milliseconds since 1970: 0 … 2^53 - 1.
Result<> check_time(std::string_view field, std::int64_t time_ms);
Result<> check_count(std::string_view field, std::uint64_t n, std::uint64_t n_max);
Result<> check_release(std::uint32_t release);

}  // namespace plmm::protocol
