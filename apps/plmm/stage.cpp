// Makes and removes the folder; see stage.h.
#include "apps/plmm/stage.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace plmm::cli {

namespace fs = std::filesystem;

Result<Stage> Stage::open() {
  std::string name = (fs::temp_directory_path() / "plmm-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return fail(ErrorCode::io, fmt::format("{}: {}", name, std::strerror(errno)));
  return Stage(name);
}

Stage::~Stage() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Environment environment_of(const Context& context, const fs::path& folder) {
  return [outer = context.environment, folder, models = context.settings.text("models_dir"),
          model =
              context.settings.text("model")](std::string_view name) -> std::optional<std::string> {
    if (name == "XDG_DATA_HOME" || name == "XDG_CONFIG_HOME" || name == "XDG_STATE_HOME" ||
        name == "XDG_CACHE_HOME")
      return folder.string();
    if (name == "PLMM_MODELS_DIR") return models;
    if (name == "PLMM_MODEL") return model;
    if (name == "PLMM_LEDGER") return std::nullopt;
    return outer(name);
  };
}

}  // namespace plmm::cli
