// plmm config: show, set and unset settings.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/terminal/format.h"
#include "base/file.h"

namespace plmm::cli {
namespace {

nlohmann::ordered_json json_value(const command::Setting& setting, const std::string& text) {
  switch (setting.value.kind) {
    case command::Kind::integer:
      return command::to_integer(text);
    case command::Kind::real:
      return command::to_real(text);
    case command::Kind::boolean:
      return command::to_boolean(text);
    default:
      return text;
  }
}

/// "default", "file (line 3)", "environment (PLMM_SEED)", "flag"
std::string origin_text(const command::Setting& setting, const command::SettingValue& value) {
  if (value.origin == command::Origin::file) return fmt::format("file, line {}", value.line);
  if (value.origin == command::Origin::environment)
    return fmt::format("environment, {}", command::environment_name(setting));
  return std::string(name(value.origin));
}

Result<ExitCode> show(Context& context) {
  const auto key = context.arguments.text("KEY");
  if (!key.empty() && command::find_setting(key) == nullptr)
    return std::unexpected(command::unknown_setting(key));
  const bool with_origin = context.arguments.has("--origin");
  auto json = nlohmann::ordered_json::object();
  std::string table;
  for (const auto& setting : command::setting_table()) {
    if (!key.empty() && key != setting.key) continue;
    const auto& value = context.settings.value(setting.key);
    auto shown = json_value(setting, value.text);
    if (with_origin) {
      json[std::string(setting.key)] = {{"value", std::move(shown)},
                                        {"origin", name(value.origin)}};
    } else {
      json[std::string(setting.key)] = std::move(shown);
    }
    const auto text = json_value(setting, value.text).is_string()
                          ? fmt::format("\"{}\"", value.text)
                          : value.text;
    table += fmt::format("{} = ", terminal::padded(setting.key, 15));
    table += with_origin ? terminal::padded(text, 30) + " # " + origin_text(setting, value) + "\n"
                         : text + "\n";
  }
  if (context.arguments.has("--json")) {
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else {
    context.console.answer(table);
  }
  return ExitCode::ok;
}

Result<std::string> read_config(const std::filesystem::path& path) {
  auto text = read_file(path, files::kConfigBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::string();
  return text;
}

Result<> write_config(const std::filesystem::path& path, const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed)
    return fail(ErrorCode::io,
                fmt::format("{}: {}", path.parent_path().string(), failed.message()));
  return write_file_atomically(path, text);
}

Result<ExitCode> set(Context& context) {
  const auto key = context.arguments.text("KEY");
  if (key.empty() || !context.arguments.has("VALUE")) {
    return fail(ErrorCode::invalid_argument,
                "what to set? Run: plmm config set KEY VALUE  (keys: plmm config show)");
  }
  const command::Setting* setting = command::find_setting(key);
  if (setting == nullptr) return std::unexpected(command::unknown_setting(key));
  const auto entry = TRY(command::config_entry(*setting, context.arguments.text("VALUE")));
  const auto& path = context.paths.config_file;
  const auto text = TRY(read_config(path));
  TRY(write_config(path, TRY(files::with_entry(text, path.string(), entry))));
  context.console.note(
      fmt::format("{} is set in {}", key, files::shorten_home(path, context.paths.home)));
  if (context.environment(command::environment_name(*setting))) {
    context.console.note(Paint::warning, fmt::format("{} is set too, and wins over the file",
                                                     command::environment_name(*setting)));
  }
  return ExitCode::ok;
}

Result<ExitCode> unset(Context& context) {
  const auto key = context.arguments.text("KEY");
  if (key.empty())
    return fail(ErrorCode::invalid_argument, "what to unset? Run: plmm config unset KEY");
  const auto& path = context.paths.config_file;
  auto text = files::without_entry(TRY(read_config(path)), path.string(), key);
  if (!text && text.error().code == ErrorCode::not_found) {
    // Nothing to do is no failure, but a slip of the hand is.
    if (command::find_setting(key) == nullptr)
      return std::unexpected(command::unknown_setting(key));
    context.console.note(fmt::format("{} was not set", key));
    return ExitCode::ok;
  }
  TRY(write_config(path, TRY(std::move(text))));
  context.console.note(fmt::format("{} has its default again", key));
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_config(Context& context) {
  const auto action = context.arguments.text("ACTION");
  const bool extra = (action == "path" && context.arguments.has("KEY")) ||
                     (action != "set" && context.arguments.has("VALUE"));
  if (extra) return fail(ErrorCode::invalid_argument, "too many words. Run: plmm config --help");
  if (action == "set") return set(context);
  if (action == "unset") return unset(context);
  if (action == "path") {
    context.console.data(context.paths.config_file.string() + "\n");
    return ExitCode::ok;
  }
  return show(context);
}

}  // namespace plmm::cli
