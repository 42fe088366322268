// config.toml: a strict, small part of TOML. Grammar: docs/formats/config.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::files {

enum class ConfigType : std::uint8_t { string, integer, real, boolean };

struct ConfigEntry {
  std::string key;    // "temperature", or "section.key"
  std::string value;  // strings without quotes and escapes, the rest as written
  ConfigType type;
  int line = 0;  // from 1
};

inline constexpr std::uint64_t kConfigBytesMax = 64 * 1024;
inline constexpr std::size_t kConfigEntriesMax = 1000;

/// All entries in file order. `name` stands for the file in errors: invalid_argument
/// "config.toml:3: …".
Result<std::vector<ConfigEntry>> parse_config(std::string_view text, std::string_view name);

/// `text` with `key` set to `value`: its line replaced, or a new line before the first section.
/// Everything else, comments too, stays. The text must parse.
Result<std::string> with_entry(std::string_view text, std::string_view name,
                               const ConfigEntry& entry);
/// `text` without the line of `key`; not_found when there is none.
Result<std::string> without_entry(std::string_view text, std::string_view name,
                                  std::string_view key);

}  // namespace plmm::files
