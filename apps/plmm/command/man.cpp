// man(7) macros only: every man program since 1980 reads them.
#include "apps/plmm/command/man.h"

#include <fmt/format.h>

#include "apps/plmm/command/help.h"
#include "apps/plmm/terminal/exit_code.h"

namespace plmm::command {
namespace {

// The date of the texts. Not the build's, so that two builds give the same bytes.
constexpr std::string_view kDate = "2026-11-22";

/// Text that roff takes as it stands: no line begins with a control character, hyphens can be
/// copied.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool line_begins = out.empty() || out.back() == '\n';
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

/// As the argument of a macro, in quotes.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : escaped(text)) {
    if (c == '"') {
      out += "\\(dq";
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// Paragraphs; each sentence begins a line, as roff wants it.
std::string paragraphs(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    lines += text[i];
    if (text[i] != '.' || i + 2 >= text.size() || text[i + 1] != ' ') continue;
    lines += '\n';
    ++i;
  }
  std::string out;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const auto stop = rest.find("\n\n");
    out += escaped(rest.substr(0, stop)) + "\n";
    if (stop == std::string_view::npos) break;
    out += ".PP\n";
    rest.remove_prefix(stop + 2);
  }
  return out;
}

std::string term(std::string_view head, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}", in_quotes(head), paragraphs(text));
}

std::string head(std::string_view name, std::string_view summary, std::string_view usage) {
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return fmt::format(
      ".TH {} 1 \"{}\" {} {}\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n.SH DESCRIPTION\n",
      in_quotes(upper), kDate, in_quotes("plmm " PLMM_VERSION), in_quotes("PLMM manual"),
      escaped(name), escaped(summary), in_quotes(usage));
}

std::string exit_status() {
  std::string out = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : terminal::kExitCodes)
    out += term(std::to_string(static_cast<int>(code)), meaning);
  return out;
}

std::string environment() {
  std::string out = ".SH ENVIRONMENT\n";
  for (const auto& setting : setting_table()) out += term(environment_name(setting), setting.help);
  out += term("NO_COLOR", "not empty: no colour, unless --color=always is given");
  out += term("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME",
              "the folders of configuration, models and history");
  return out;
}

std::string files() {
  return ".SH FILES\n" +
         term("~/.config/plmm/config.toml",
              "Settings, one per line: key = value, texts in double quotes.") +
         term("~/.local/share/plmm/models", "Models.") +
         term("~/.local/state/plmm/history",
              "Lines typed in the chat, readable by their owner only.");
}

}  // namespace

std::string overview_man() {
  std::string out =
      head("plmm", "personal language model on this device", "plmm [VERB] [options] [arguments]");
  out += paragraphs(
      "plmm runs a language model on this device. Without a verb it opens a chat. Answers go to "
      "standard output, "
      "everything else to standard error.\n\nA setting is taken from its flag, else from its "
      "environment variable, "
      "else from the config file, else from the default; plmm config show --origin says which one "
      "won.");
  out += ".SH VERBS\n";
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::yes) out += term(verb.name, verb.summary);
  }
  out += exit_status() + environment() + files() + ".SH SEE ALSO\n";
  std::string separator;
  for (const auto& verb : verbs()) {
    if (verb.shown != Shown::yes) continue;
    out += separator + fmt::format(".BR {} (1)", in_quotes(fmt::format("plmm-{}", verb.name)));
    separator = " ,\n";
  }
  return out + "\n";
}

std::string verb_man(const Verb& verb) {
  std::string out =
      head(fmt::format("plmm-{}", verb.name), verb.summary, synopsis(verb)) + paragraphs(verb.text);
  if (!verb.arguments.empty()) out += ".SH ARGUMENTS\n";
  for (const auto& argument : verb.arguments) out += term(argument.name, argument.help);
  out += ".SH OPTIONS\n";
  for (const auto& option : verb.options) out += term(option_term(option), option_text(option));
  if (verb.name == kDefaultVerb) {
    out += ".SH COMMANDS\n";
    for (const auto& command : chat_commands()) {
      out += term(command.argument.empty() ? std::string(command.name)
                                           : fmt::format("{} {}", command.name, command.argument),
                  command.help);
    }
  }
  if (!verb.examples.empty()) out += ".SH EXAMPLES\n";
  for (const auto& example : verb.examples) out += term(example.command, example.meaning);
  return out + exit_status() + ".SH SEE ALSO\n.BR plmm (1)\n";
}

}  // namespace plmm::command
