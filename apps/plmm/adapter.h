// The adapter that a chat or a question runs with: --adapter and the setting of that name.
#pragma once

#include <filesystem>
#include <memory>
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
/// The same with another range; `what` names the number in errors.
Result<AdapterChoice> adapter_choice(std::string_view text, const std::filesystem::path& home,
                                     std::string_view what, const command::Value& range);

struct LoadedAdapter {
  std::shared_ptr<const model::PackedLora> packed;  // null: none
  float scale = 1.0F;
};
/// Reads and packs it for the engine's model; says so where it was trained on another file of it.
Result<LoadedAdapter> load_adapter(Context& context, const infer::Engine& engine,
                                   const AdapterChoice& choice);
/// The setting's value that wants none, not even the personal one.
inline constexpr std::string_view kNoAdapter = "none";

/// The adapter that was asked for; none where none was. One of the config file that is for another
/// model is left out, and that is said.
Result<LoadedAdapter> chosen_adapter(Context& context, const infer::Engine& engine);

/// Puts the one of chosen_adapter() before the model's session.
Result<> apply_adapter(Context& context, RunningModel& model);

}  // namespace plmm::cli
