// What of the environment is the stage's own; see stage.h.
#include "apps/plmm/stage.h"

namespace plmm::cli {

namespace fs = std::filesystem;

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
