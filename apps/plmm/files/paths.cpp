// XDG Base Directory Specification 0.8, as far as plmm needs it.
#include "apps/plmm/files/paths.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace plmm::files {

namespace fs = std::filesystem;

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

namespace {

fs::path home_folder(const Environment& environment) {
  if (const auto home = environment("HOME"); home && home->starts_with('/')) return *home;
  if (const passwd* entry = ::getpwuid(::getuid()); entry != nullptr) return entry->pw_dir;
  return "/";
}

fs::path base_folder(const Environment& environment, std::string_view variable,
                     const fs::path& fallback) {
  const auto value = environment(variable);
  return value && value->starts_with('/') ? fs::path(*value) : fallback;
}

}  // namespace

Paths find_paths(const Environment& environment) {
  Paths out;
  out.home = home_folder(environment);
  out.config_file =
      base_folder(environment, "XDG_CONFIG_HOME", out.home / ".config") / "plmm" / "config.toml";
  out.data = base_folder(environment, "XDG_DATA_HOME", out.home / ".local" / "share") / "plmm";
  out.models = out.data / "models";
  out.cache = base_folder(environment, "XDG_CACHE_HOME", out.home / ".cache") / "plmm";
  if (const auto runtime = base_folder(environment, "XDG_RUNTIME_DIR", {}); !runtime.empty())
    out.runtime = runtime / "plmm";
  out.history_file = base_folder(environment, "XDG_STATE_HOME", out.home / ".local" / "state") /
                     "plmm" / "history";
  return out;
}

fs::path expand_home(std::string_view path, const fs::path& home) {
  if (path == "~") return home;
  if (path.starts_with("~/")) return home / path.substr(2);
  return path;
}

std::string shorten_home(const fs::path& path, const fs::path& home) {
  const std::string text = path.string();
  const std::string prefix = home.string();
  if (prefix.size() > 1 && text.starts_with(prefix + "/")) return "~" + text.substr(prefix.size());
  return text;
}

}  // namespace plmm::files
