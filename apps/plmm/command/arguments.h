// The command line read against the table of verbs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/command/settings.h"
#include "apps/plmm/command/verbs.h"
#include "base/result.h"

namespace plmm::command {

/// What was typed: a verb, its options and its arguments. Values are checked against their kind.
struct Invocation {
  const Verb* verb = nullptr;
  bool named = false;  // the verb was typed, not assumed
  bool help = false;
  std::map<std::string, std::vector<std::string>, std::less<>>
      values;  // by flag ("--stop") or argument name

  bool has(std::string_view name) const { return values.contains(name); }
  /// The last value; empty when there is none.
  std::string text(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;
  /// The number behind an option of that kind; `otherwise` when it was not given.
  int integer_or(std::string_view name, int otherwise) const;
  double real_or(std::string_view name, double otherwise) const;
  /// Those options that override a setting.
  Flags flags() const;
};

/// `words` is the command line without the program's name. invalid_argument in plain words, with
/// the nearest known word.
Result<Invocation> parse_arguments(std::span<const std::string> words);

/// Of CLI11.
std::string parser_version();

}  // namespace plmm::command
