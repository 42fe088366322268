// Parsing with std::from_chars: no locale, no exceptions, the whole text or nothing.
#include "apps/plmm/command/value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "apps/plmm/terminal/format.h"
#include "base/check.h"

namespace plmm::command {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T out{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return out;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return std::nullopt;
}

std::string join_choices(std::string_view choices) {
  std::string out;
  const auto all = split_choices(choices);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out += i + 1 == all.size() ? " or " : ", ";
    out += all[i];
  }
  return out;
}

}  // namespace

std::vector<std::string_view> split_choices(std::string_view choices) {
  std::vector<std::string_view> out;
  while (!choices.empty()) {
    const auto bar = choices.find('|');
    out.push_back(choices.substr(0, bar));
    choices = bar == std::string_view::npos ? std::string_view() : choices.substr(bar + 1);
  }
  return out;
}

Result<> check_value(std::string_view subject, const Value& value, std::string_view text) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", subject, what));
  };
  switch (value.kind) {
    case Kind::flag:
    case Kind::text:
      return {};
    case Kind::boolean:
      if (!parse_boolean(text)) return refuse("true or false");
      return {};
    case Kind::integer: {
      const auto number = parse_number<std::uint64_t>(text);
      if (!number || static_cast<double>(*number) < value.min ||
          static_cast<double>(*number) > value.max) {
        return refuse(fmt::format(
            "a whole number from {} to {}",
            terminal::thousands(static_cast<std::uint64_t>(value.min)),
            value.max >= 0x1.0p64 ? "2^64 - 1"
                                  : terminal::thousands(static_cast<std::uint64_t>(value.max))));
      }
      return {};
    }
    case Kind::real: {
      const auto number = parse_number<double>(text);
      if (!number || !std::isfinite(*number) || *number < value.min || *number > value.max) {
        return refuse(fmt::format("a number from {:g} to {:g}", value.min, value.max));
      }
      return {};
    }
    case Kind::choice:
      for (const auto choice : split_choices(value.choices)) {
        if (choice == text) return {};
      }
      return refuse(join_choices(value.choices));
    case Kind::path:
    case Kind::folder:
    case Kind::model:
      if (text.empty() || text.find('\0') != std::string_view::npos)
        return refuse("a name, not empty");
      return {};
  }
  return {};
}

std::uint64_t to_integer(std::string_view text) {
  const auto number = parse_number<std::uint64_t>(text);
  CHECK(number.has_value());
  return *number;
}

double to_real(std::string_view text) {
  const auto number = parse_number<double>(text);
  CHECK(number.has_value());
  return *number;
}

bool to_boolean(std::string_view text) {
  const auto flag = parse_boolean(text);
  CHECK(flag.has_value());
  return *flag;
}

}  // namespace plmm::command
