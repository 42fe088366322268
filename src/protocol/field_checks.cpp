// Limits of single fields; errors name the field and never its text.
#include "protocol/field_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages.h"
#include "text/unicode.h"

namespace plmm::protocol {

std::unexpected<Error> wrong(std::string_view field, std::string_view what) {
  return fail(ErrorCode::invalid_argument, fmt::format("'{}' {}", field, what));
}

Result<> check_text(std::string_view field, std::string_view text, std::size_t n_bytes_max) {
  if (text.size() > n_bytes_max) {
    return fail(ErrorCode::limit_exceeded, fmt::format("'{}' has {} bytes, at most {} are allowed",
                                                       field, text.size(), n_bytes_max));
  }
  const auto at = text::valid_bytes(text);
  if (at != text.size()) return wrong(field, fmt::format("is not UTF-8 at byte {}", at));
  return {};
}

Result<> check_line(std::string_view field, std::string_view text, std::size_t n_bytes_max) {
  TRY(check_text(field, text, n_bytes_max));
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, control)) return wrong(field, "has a control character");
  return {};
}

Result<> check_name(std::string_view field, std::string_view name) {
  if (name.size() > kNameBytesMax) {
    return fail(ErrorCode::limit_exceeded, fmt::format("'{}' has {} bytes, at most {} are allowed",
                                                       field, name.size(), kNameBytesMax));
  }
  if (!is_name(name)) return wrong(field, "is not a name of lower-case letters, digits and -");
  return {};
}

Result<> check_amount(std::string_view field, ledger::Microcredits amount) {
  if (amount.value < 0) return wrong(field, "is negative");
  if (amount.value > kIntegerMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("'{}' is over {} micro-credits", field, kIntegerMax));
  }
  return {};
}

Result<> check_count(std::string_view field, std::uint64_t n, std::uint64_t n_max) {
  if (n <= n_max) return {};
  return fail(ErrorCode::limit_exceeded,
              fmt::format("'{}' is {}, at most {} are allowed", field, n, n_max));
}

Result<> check_time(std::string_view field, std::int64_t time_ms) {
  if (time_ms < 0) return wrong(field, "is negative");
  return check_count(field, static_cast<std::uint64_t>(time_ms), kIntegerMax);
}

Result<> check_release(std::uint32_t release) {
  if (release == 0) return wrong("release", "is 0; releases count from 1");
  return {};
}

}  // namespace plmm::protocol
