// The kinds of values that options, settings and arguments take, and their checking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::command {

enum class Kind : std::uint8_t { flag, boolean, text, integer, real, path, folder, choice, model };

/// What may stand behind an option. Integers are not negative; min and max hold for integer and
/// real.
struct Value {
  Kind kind = Kind::flag;
  std::string_view name = {};      // in help: "N", "FILE"
  std::string_view fallback = {};  // the default as text; empty: none
  double min = 0;
  double max = 0;
  std::string_view choices = {};  // "auto|always|never"
};

/// Nothing when `text` is such a value; else invalid_argument: "top_k must be a whole number from 0
/// to 1,000". The text itself is not repeated: it may be private.
Result<> check_value(std::string_view subject, const Value& value, std::string_view text);

/// For text that check_value has accepted.
std::uint64_t to_integer(std::string_view text);
double to_real(std::string_view text);
bool to_boolean(std::string_view text);

std::vector<std::string_view> split_choices(std::string_view choices);

}  // namespace plmm::command
