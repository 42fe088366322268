// One generator per shell; each walks the table of verbs.
#include "apps/plmm/command/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/plmm/command/verbs.h"
#include "base/check.h"

namespace plmm::command {
namespace {

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string spaced(std::string_view choices) {
  std::string out(choices);
  std::ranges::replace(out, '|', ' ');
  return out;
}

/// Text inside single quotes of a shell.
std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

/// The bash command that fills COMPREPLY for a value of this kind.
std::string bash_reply(const Value& value, const std::string& models) {
  switch (value.kind) {
    case Kind::choice:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", spaced(value.choices));
    case Kind::boolean:
      return "COMPREPLY=($(compgen -W 'true false' -- \"$cur\"))";
    case Kind::model:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\") $(compgen -f -- \"$cur\"))",
                         models);
    case Kind::path:
      return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Kind::folder:
      return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    default:
      return "COMPREPLY=()";
  }
}

std::string verb_names() {
  std::string out;
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::yes) out += (out.empty() ? "" : " ") + std::string(verb.name);
  }
  return out;
}

std::string bash_script(std::span<const std::string> models) {
  const std::string names = joined(models);
  std::string out = fmt::format(
      "# bash completion of plmm; made by: plmm completion bash\n"
      "_plmm() {{\n"
      "  local cur=\"${{COMP_WORDS[COMP_CWORD]}}\" prev=\"${{COMP_WORDS[COMP_CWORD-1]}}\" "
      "verb=\"${{COMP_WORDS[1]}}\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '{} --help --version' -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$verb\" in\n",
      verb_names());
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::hidden) continue;
    std::string flags;
    out += fmt::format("    {})\n      case \"$prev\" in\n", verb.name);
    for (const auto& option : verb.options) {
      flags += (flags.empty() ? "" : " ") + std::string(option.flag);
      if (option.value.kind == Kind::flag) continue;
      const auto shorter = option.flag == "--model" ? "-m|" : "";
      out += fmt::format("        {}{}) {}; return ;;\n", shorter, option.flag,
                         bash_reply(option.value, names));
    }
    out += "      esac\n";
    out += fmt::format(
        "      if [[ \"$cur\" == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return; "
        "fi\n",
        flags);
    if (verb.name == "man") {
      out += fmt::format("      COMPREPLY=($(compgen -W '{}' -- \"$cur\")) ;;\n", verb_names());
    } else if (!verb.arguments.empty()) {
      out += fmt::format("      {} ;;\n", bash_reply(verb.arguments.front().value, names));
    } else {
      out += "      COMPREPLY=() ;;\n";
    }
  }
  return out + "  esac\n}\ncomplete -F _plmm plmm\n";
}

std::string zsh_action(const Value& value, const std::string& models) {
  switch (value.kind) {
    case Kind::choice:
      return fmt::format("({})", spaced(value.choices));
    case Kind::boolean:
      return "(true false)";
    case Kind::model:
      return fmt::format("{{compadd {}; _files}}", models);
    case Kind::path:
      return "_files";
    case Kind::folder:
      return "_files -/";
    default:
      return " ";
  }
}

/// Square brackets and colons mean something to _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script(std::span<const std::string> models) {
  const std::string names = joined(models);
  std::string out =
      "#compdef plmm\n# zsh completion of plmm; made by: plmm completion zsh\n_plmm() {\n"
      "  local -a verbs\n  verbs=(\n";
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::yes) {
      out += "    " + single_quoted(fmt::format("{}:{}", verb.name, zsh_text(verb.summary))) + "\n";
    }
  }
  out +=
      "  )\n  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
      "  local verb=$words[2]\n  shift words; (( CURRENT-- ))\n  case $verb in\n";
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::hidden) continue;
    out += fmt::format("    {}) _arguments", verb.name);
    for (const auto& option : verb.options) {
      std::string word = fmt::format("{}{}[{}]", option.repeat == Repeat::many ? "*" : "",
                                     option.flag, zsh_text(option.help));
      if (option.value.kind != Kind::flag) {
        word += fmt::format(":{}:{}", zsh_text(option.value.name), zsh_action(option.value, names));
      }
      out += " \\\n      " + single_quoted(word);
    }
    for (const auto& argument : verb.arguments) {
      const auto action = verb.name == "man" ? fmt::format("({})", verb_names())
                                             : zsh_action(argument.value, names);
      out += " \\\n      " +
             single_quoted(fmt::format("{}:{}:{}", argument.repeat == Repeat::many ? "*" : "",
                                       zsh_text(argument.name), action));
    }
    out += " ;;\n";
  }
  return out +
         "  esac\n}\nif [ \"$funcstack[1]\" = _plmm ]; then _plmm \"$@\"; else compdef _plmm plmm; "
         "fi\n";
}

std::string fish_arguments(const Value& value, const std::string& models) {
  switch (value.kind) {
    case Kind::choice:
      return fmt::format(" -x -a '{}'", spaced(value.choices));
    case Kind::boolean:
      return " -x -a 'true false'";
    case Kind::model:
      return fmt::format(" -r -F -a '{}'", models);
    case Kind::path:
      return " -r -F";
    case Kind::folder:
      return " -x -a '(__fish_complete_directories)'";
    case Kind::flag:
      return "";
    default:
      return " -x";
  }
}

std::string fish_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script(std::span<const std::string> models) {
  const std::string names = joined(models);
  std::string out =
      "# fish completion of plmm; made by: plmm completion fish\ncomplete -c plmm -f\n";
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::hidden) continue;
    out += fmt::format("complete -c plmm -n __fish_use_subcommand -a {} -d {}\n", verb.name,
                       fish_text(verb.summary));
    const auto inside =
        fmt::format("complete -c plmm -n '__fish_seen_subcommand_from {}'", verb.name);
    for (const auto& option : verb.options) {
      out += fmt::format("{} -l {}{} -d {}\n", inside, option.flag.substr(2),
                         fish_arguments(option.value, names), fish_text(option.help));
    }
    for (const auto& argument : verb.arguments) {
      auto words = fish_arguments(argument.value, names);
      if (verb.name == "man") words = fmt::format(" -x -a '{}'", verb_names());
      if (words.find(" -a ") != std::string::npos) out += inside + words + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell, std::span<const std::string> models) {
  if (shell == "bash") return bash_script(models);
  if (shell == "zsh") return zsh_script(models);
  CHECK(shell == "fish");
  return fish_script(models);
}

}  // namespace plmm::command
