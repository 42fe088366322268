// The settings of plmm: one table, and for each the value that won: flag, environment, config file
// or default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "apps/plmm/command/value.h"
#include "apps/plmm/files/config_file.h"
#include "apps/plmm/files/paths.h"
#include "base/result.h"

namespace plmm::command {

struct Setting {
  std::string_view key;   // in config.toml: "top_k"
  std::string_view flag;  // "--top-k"
  Value value;
  std::string_view help;
};

std::span<const Setting> setting_table();
const Setting* find_setting(std::string_view key);
/// "PLMM_TOP_K"
std::string environment_name(const Setting& setting);
/// The error of a key that does not exist, with the nearest one.
Error unknown_setting(std::string_view key);

enum class Origin : std::uint8_t { built_in, file, environment, flag };
std::string_view name(Origin origin);

struct SettingValue {
  std::string text;
  Origin origin = Origin::built_in;
  int line = 0;  // in the config file
};

/// Flags as given: key → text.
using Flags = std::map<std::string, std::string, std::less<>>;

class Settings {
 public:
  /// Reads the config file when there is one. invalid_argument names the file and line, variable or
  /// flag.
  static Result<Settings> resolve(const files::Paths& paths, const files::Environment& environment,
                                  const Flags& flags);
  /// With the defaults only, for reporting an error in the others.
  static Settings defaults(const files::Paths& paths);

  const SettingValue& value(std::string_view key) const;
  const std::string& text(std::string_view key) const { return value(key).text; }
  std::uint64_t integer(std::string_view key) const { return to_integer(text(key)); }
  double real(std::string_view key) const { return to_real(text(key)); }
  bool boolean(std::string_view key) const { return to_boolean(text(key)); }
  std::filesystem::path models() const;

  /// For the chat's /set: checked like a flag.
  Result<> set(std::string_view key, std::string_view text);

 private:
  Result<> read_file(const std::filesystem::path& path);
  std::map<std::string, SettingValue, std::less<>> values_;
  std::filesystem::path home_;
};

/// What the config file must hold for `setting` to be `text` (checked).
Result<files::ConfigEntry> config_entry(const Setting& setting, std::string_view text);

}  // namespace plmm::command
