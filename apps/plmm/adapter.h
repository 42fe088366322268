// The adapter that a chat or a question runs with: --adapter and the setting of that name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"

namespace plmm::cli {

/// "FOLDER" or "FOLDER=0.5"; the same for files.
struct AdapterChoice {
  std::filesystem::path path;
  float scale = 1.0F;
};
/// invalid_argument for a scale outside 0 … infer::Session::kAdapterScaleMax.
Result<AdapterChoice> adapter_choice(std::string_view text, const std::filesystem::path& home);

/// Puts the adapter that was asked for before the model's session; nothing where none was. One of
/// the config file that is for another model is left out, and that is said.
Result<> apply_adapter(Context& context, RunningModel& model);

}  // namespace plmm::cli
