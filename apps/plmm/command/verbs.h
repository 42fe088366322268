// The one table of what plmm understands: verbs, arguments, options, examples and chat commands.
// Parser, --help, man pages and shell completion are all made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "apps/plmm/command/settings.h"
#include "apps/plmm/command/value.h"

namespace plmm::command {

enum class Repeat : std::uint8_t { once, many };
enum class Shown : std::uint8_t { yes, hidden };

/// A positional argument.
struct Argument {
  std::string_view name;  // "NAME"
  Value value;
  std::string_view help;
  bool required = true;
  Repeat repeat = Repeat::once;
};

struct Option {
  std::string_view flag;  // "--json"
  Value value;
  std::string_view help;
  Repeat repeat = Repeat::once;
  std::string_view setting =
      {};  // key of the setting it overrides; then value and help are the setting's
};

/// The flag of a setting, as an option of a verb. The setting must exist (CHECK).
Option from_setting(std::string_view key);

inline const Option kJson{"--json", {}, "print JSON for programs"};
inline const Option kTemplate{
    "--template",
    {Kind::choice, "FAMILY", "", 0, 0, "chatml|gemma|llama3|mistral|zephyr|plain"},
    "chat template; default: the one the model's file names"};

struct Example {
  std::string_view command;
  std::string_view meaning;
};

struct Verb {
  std::string_view name;
  std::string_view summary;  // one line
  std::string_view text;     // paragraphs, separated by an empty line
  std::vector<Argument> arguments = {};
  std::vector<Option> options = {};
  std::vector<Example> examples = {};
  Shown shown = Shown::yes;
};

std::span<const Verb> verbs();
const Verb* find_verb(std::string_view name);
/// The verb that runs when none is named.
inline constexpr std::string_view kDefaultVerb = "chat";

/// What can be typed inside a chat.
struct ChatCommand {
  std::string_view name;      // "/save"
  std::string_view argument;  // "FILE"; empty: none
  std::string_view help;
};
std::span<const ChatCommand> chat_commands();

}  // namespace plmm::command
