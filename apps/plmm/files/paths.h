// Where plmm keeps its files: the XDG base folders.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace plmm::files {

/// Looks up an environment variable; a port, so that tests bring their own.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

struct Paths {
  std::filesystem::path home;
  std::filesystem::path config_file;  // $XDG_CONFIG_HOME/plmm/config.toml
  std::filesystem::path data;         // $XDG_DATA_HOME/plmm: vault, experts, ledger
  std::filesystem::path models;   // $XDG_DATA_HOME/plmm/models, unless models_dir says otherwise
  std::filesystem::path cache;    // $XDG_CACHE_HOME/plmm: what can be made again at any time
  std::filesystem::path runtime;  // $XDG_RUNTIME_DIR/plmm; empty where the login has none
  std::filesystem::path history_file;  // $XDG_STATE_HOME/plmm/history
};

/// The folders by the XDG rules: an empty or relative variable counts as unset.
Paths find_paths(const Environment& environment);

/// "~/x" → home / "x"; anything else as it is.
std::filesystem::path expand_home(std::string_view path, const std::filesystem::path& home);
/// The reverse, for showing: a path below home begins with "~".
std::string shorten_home(const std::filesystem::path& path, const std::filesystem::path& home);

}  // namespace plmm::files
