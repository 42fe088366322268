// CLI11 is used here only: one parser for the verb that was named, built from the table.
#include "apps/plmm/command/arguments.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Version.hpp>
#include <algorithm>

#include "apps/plmm/terminal/suggest.h"
#include "base/narrow.h"

namespace plmm::command {
namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const auto near = terminal::nearest(word, known);
  return near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near);
}

Error unknown_verb(std::string_view word) {
  std::vector<std::string_view> known;
  for (const auto& verb : verbs()) {
    if (verb.shown == Shown::yes) known.push_back(verb.name);
  }
  return {ErrorCode::invalid_argument, fmt::format("'{}' is not a verb of plmm.{} Run: plmm --help",
                                                   word, did_you_mean(word, known))};
}

Error unexpected_word(const Verb& verb, std::string_view word) {
  const auto hint = fmt::format(" Run: plmm {} --help", verb.name);
  if (!word.starts_with('-')) {
    return {ErrorCode::invalid_argument,
            fmt::format("plmm {} does not take '{}' here.{}", verb.name, word, hint)};
  }
  word = word.substr(0, word.find('='));
  std::vector<std::string_view> known;
  for (const auto& option : verb.options) known.push_back(option.flag);
  return {ErrorCode::invalid_argument, fmt::format("plmm {} has no option '{}'.{}{}", verb.name,
                                                   word, did_you_mean(word, known), hint)};
}

/// CLI11 knows positionals by bare names; '|' is not allowed in one, so it stands for '_' there.
std::string positional_name(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '|', '_');
  return out;
}

/// Adds every option and argument of the verb; their texts stay as they were typed.
void declare(CLI::App& app, const Verb& verb) {
  app.set_help_flag();
  app.allow_extras();
  for (const auto& option : verb.options) {
    std::string names(option.flag);
    if (option.flag == "--help") names = "-h,--help";
    if (option.flag == "--model") names = "-m,--model";
    if (option.value.kind == Kind::flag) {
      app.add_flag(names);
    } else {
      app.add_option(names, CLI::callback_t([](const CLI::results_t&) { return true; }))
          ->take_all()
          ->allow_extra_args(false);
    }
  }
  for (const auto& argument : verb.arguments) {
    auto* positional = app.add_option(positional_name(argument.name),
                                      CLI::callback_t([](const auto&) { return true; }));
    positional->take_all();
    if (argument.repeat == Repeat::many) positional->expected(0, 1 << 20)->allow_extra_args();
  }
}

void collect(const CLI::App& app, const Verb& verb, Invocation& out) {
  for (const auto& option : verb.options) {
    const auto* found = app.get_option(std::string(option.flag));
    if (found->count() == 0) continue;
    out.values[std::string(option.flag)] =
        option.value.kind == Kind::flag ? std::vector<std::string>{} : found->results();
  }
  for (const auto& argument : verb.arguments) {
    const auto* found = app.get_option(positional_name(argument.name));
    if (found->count() > 0) out.values[std::string(argument.name)] = found->results();
  }
}

Result<> check_values(const Verb& verb, const Invocation& invocation) {
  for (const auto& option : verb.options) {
    for (const auto& text : invocation.list(option.flag))
      TRY(check_value(option.flag, option.value, text));
  }
  for (const auto& argument : verb.arguments) {
    if (argument.required && !invocation.has(argument.name)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("plmm {} needs {} ({}). Run: plmm {} --help", verb.name,
                              argument.name, argument.help, verb.name));
    }
    for (const auto& text : invocation.list(argument.name))
      TRY(check_value(argument.name, argument.value, text));
  }
  return {};
}

}  // namespace

std::string Invocation::text(std::string_view name) const {
  const auto& all = list(name);
  return all.empty() ? std::string() : all.back();
}

int Invocation::integer_or(std::string_view name, int otherwise) const {
  return has(name) ? narrow<int>(to_integer(text(name))) : otherwise;
}

double Invocation::real_or(std::string_view name, double otherwise) const {
  return has(name) ? to_real(text(name)) : otherwise;
}

const std::vector<std::string>& Invocation::list(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values.find(name);
  return found == values.end() ? kNone : found->second;
}

Flags Invocation::flags() const {
  Flags out;
  for (const auto& option : verb->options) {
    if (!option.setting.empty() && has(option.flag))
      out[std::string(option.setting)] = text(option.flag);
  }
  return out;
}

Result<Invocation> parse_arguments(std::span<const std::string> words) {
  Invocation out;
  std::string first = words.empty() ? std::string() : words.front();
  if (first == "--version") first = "version";
  if (first == "--help" || first == "-h") first = "help";
  out.named = !first.empty() && !first.starts_with('-');
  out.verb = find_verb(out.named ? first : kDefaultVerb);
  if (out.verb == nullptr) return std::unexpected(unknown_verb(first));

  CLI::App app;
  declare(app, *out.verb);
  std::vector<std::string> rest(words.begin() + (out.named ? 1 : 0), words.end());
  std::ranges::reverse(rest);  // CLI11 takes them from the back
  try {
    app.parse(std::move(rest));
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}. Run: plmm {} --help", error.what(), out.verb->name));
  }
  for (const auto& extra : app.remaining()) {
    if (extra != "--") return std::unexpected(unexpected_word(*out.verb, extra));
  }
  collect(app, *out.verb, out);
  out.help = out.has("--help");
  if (!out.help) TRY(check_values(*out.verb, out));
  return out;
}

std::string parser_version() { return CLI11_VERSION; }

}  // namespace plmm::command
