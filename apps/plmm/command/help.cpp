// Lays the table out in two columns.
#include "apps/plmm/command/help.h"

#include <fmt/format.h>

#include "apps/plmm/terminal/format.h"

namespace plmm::command {
namespace {

/// `term` in the left column and `text` wrapped in the right one.
std::string entry(std::string_view term, std::string_view text, std::size_t left) {
  std::string body = terminal::wrap(text, left);
  const std::string head = "  " + std::string(term);
  if (terminal::columns(head) + 2 > left) return head + "\n" + body;
  return terminal::padded(head, left) + body.substr(left);
}

std::string argument_term(const Argument& argument) {
  return std::string(argument.name) + (argument.repeat == Repeat::many ? "..." : "");
}

std::string argument_text(const Argument& argument) {
  std::string out(argument.help);
  if (argument.value.kind != Kind::choice) return out;
  std::string choices;
  for (const auto choice : split_choices(argument.value.choices)) {
    choices += choices.empty() ? "" : ", ";
    choices += choice;
  }
  return choices + ": " + out;
}

constexpr std::size_t kLeft = 24;  // columns of the left side: fits "--repeat-penalty X"

}  // namespace

std::string synopsis(const Verb& verb) {
  std::string out = fmt::format("plmm {} [options]", verb.name);
  for (const auto& argument : verb.arguments) {
    out += argument.required ? fmt::format(" {}", argument_term(argument))
                             : fmt::format(" [{}]", argument_term(argument));
  }
  return out;
}

std::string option_term(const Option& option) {
  std::string out(option.flag);
  if (option.flag == "--help") out = "-h, --help";
  if (option.flag == "--model") out = "-m, --model";
  if (!option.value.name.empty()) out += fmt::format(" {}", option.value.name);
  return out;
}

std::string option_text(const Option& option) {
  std::string out(option.help);
  if (option.value.kind == Kind::choice) {
    std::string choices;
    for (const auto choice : split_choices(option.value.choices)) {
      choices += choices.empty() ? "" : ", ";
      choices += choice;
    }
    out += fmt::format(" ({})", choices);
  }
  if (!option.value.fallback.empty()) out += fmt::format(" [default {}]", option.value.fallback);
  return out;
}

std::string overview_help() {
  std::string out =
      "usage: plmm [VERB] [options] [arguments]\n\n"
      "PLMM runs a personal language model on this device. What you type stays here.\n\nverbs:\n";
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::yes) out += entry(verb.name, verb.summary, 15);
  }
  out += "\nfirst steps:\n";
  out += entry("plmm pull qwen2.5-coder-0.5b", "bring the default model here (491 MB)", 35);
  out += entry("plmm", "talk with it", 35);
  out += entry("plmm ask 'What is a mutex?'", "one answer on standard output", 35);
  out += entry("plmm VERB --help", "options and examples of a verb", 35);
  out +=
      "\nSettings come from flags, then PLMM_* variables, then the config file:\n"
      "plmm config show --origin\n";
  return out;
}

std::string verb_help(const Verb& verb) {
  std::string out = fmt::format("usage: {}\n\n", synopsis(verb)) + terminal::wrap(verb.text, 0);
  if (!verb.arguments.empty()) out += "\narguments:\n";
  for (const auto& argument : verb.arguments)
    out += entry(argument_term(argument), argument_text(argument), kLeft);
  out += "\noptions:\n";
  bool has_settings = false;
  for (const auto& option : verb.options) {
    out += entry(option_term(option), option_text(option), kLeft);
    has_settings = has_settings || !option.setting.empty();
  }
  if (verb.name == kDefaultVerb) {
    out += "\ncommands inside the chat:\n";
    for (const auto& command : chat_commands()) {
      out += entry(fmt::format("{} {}", command.name, command.argument), command.help, kLeft);
    }
  }
  if (!verb.examples.empty()) out += "\nexamples:\n";
  for (const auto& example : verb.examples) {
    out += fmt::format("  {}\n", example.command) + terminal::wrap(example.meaning, 6);
  }
  if (has_settings && verb.options.size() > 5) {
    out += "\nDefaults can be changed for good: plmm config set KEY VALUE\n";
  }
  return out;
}

}  // namespace plmm::command
