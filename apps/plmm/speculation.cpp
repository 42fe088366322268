// Drafters for a model, and the draft model's own engine.
#include "apps/plmm/speculation.h"

#include <fmt/format.h>

#include <filesystem>

#include "infer/draft_model.h"
#include "infer/prompt_lookup.h"
#include "infer/speculation.h"

namespace plmm::cli {
namespace {

/// Null where the draft model is the model itself.
Result<std::unique_ptr<infer::Drafter>> load_draft(Context& context, RunningModel& model) {
  const auto path = TRY(find_model(context.settings, context.settings.text("draft_model")));
  std::error_code failed;
  if (std::filesystem::equivalent(path, model.path, failed))
    return std::unique_ptr<infer::Drafter>();
  auto options = infer::DraftModel::load_options(*model.engine);
  if (context.settings.boolean("packed_weights"))
    options.packed_folder = packed_folder(context.paths);
  auto draft = TRY(infer::Engine::load(path, options));
  auto drafter = TRY(infer::DraftModel::create(*draft, *model.engine, model.session.n_context()));
  model.draft = std::move(draft);
  return std::unique_ptr<infer::Drafter>(std::move(drafter));
}

}  // namespace

Result<> use_speculation(Context& context, RunningModel& model) {
  const command::SettingValue& how = context.settings.value("speculation");
  if (how.text == "off") return {};
  auto speculation = std::make_unique<infer::Speculation>();
  speculation->add(std::make_unique<infer::PromptLookup>());
  if (how.text == "draft") {
    auto drafter = load_draft(context, model);
    const bool asked_for = how.origin != command::Origin::file ||
                           context.settings.value("draft_model").origin > command::Origin::file;
    if (!drafter && asked_for) return std::unexpected(drafter.error());
    if (!drafter) {
      context.console.note(Paint::warning, fmt::format("without the draft model of the config "
                                                       "file: {}",
                                                       drafter.error().what));
    } else if (*drafter != nullptr) {
      speculation->add(*std::move(drafter));
    }
  }
  model.session.use_speculation(std::move(speculation));
  return {};
}

}  // namespace plmm::cli
