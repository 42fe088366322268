// Making an expert: what is known before, the documents brought here, and the library, with its
// progress shown.
#pragma once

#include <filesystem>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/pull_display.h"
#include "eval/exam.h"
#include "expert/library.h"
#include "expert/presets.h"
#include "infer/embedder.h"

namespace plmm::cli {

/// All that is needed, known before anything is made.
struct ExpertPlan {
  expert::ExpertOptions options;
  std::vector<std::filesystem::path> documents;
  std::vector<eval::ExamQuestion> exam;  // empty: one made from the library
};

/// The model that answers where none is named: the usual one if it is here, else the default model.
std::string base_model(const Context& context);

/// Where the documents of a preset are, brought here first where the catalogue has them. not_found
/// names the package to install; the errors of catalog::pull.
Result<std::filesystem::path> preset_documents(Context& context, const expert::Preset& preset);

/// What the preset says of its card; the base model is not named.
expert::ExpertOptions preset_options(const expert::Preset& preset);

/// All that the preset says, with its documents brought here.
Result<ExpertPlan> plan_of(Context& context, const expert::Preset& preset);

/// Makes the expert of the plan in the folder of its name and says what came of it. Nothing
/// half-made stays behind an error. cancelled on Ctrl-C.
Result<expert::Library> make_expert(Context& context, infer::Embedder& embedder, ExpertPlan plan);

/// Presets that are not here and that nobody has removed.
std::vector<const expert::Preset*> missing_presets(const Context& context);
/// Removes the expert; of a preset it is remembered that it is not wanted.
Result<> remove_expert(Context& context, std::string_view name);

/// plmm expert create --all: the missing ones, one after the other.
Result<ExitCode> create_missing(Context& context);
/// plmm expert missing: for `run`, a line for each with the packages that its documents need.
Result<ExitCode> list_missing(Context& context);

}  // namespace plmm::cli
