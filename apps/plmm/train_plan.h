// What plmm train was asked to do: options, folder, steps, and the recipe that a resumed run must
// share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "apps/plmm/context.h"
#include "infer/engine.h"
#include "model/lora.h"
#include "train/run.h"
#include "train/soft_labels.h"

namespace plmm::cli {

inline constexpr std::string_view kCheckpointName = "unfinished.run";
inline constexpr std::string_view kLabelsName = "teacher.labels";

/// What distill adds to lora.
struct DistillPlan {
  std::string teacher;  // as the user named it
  train::LabelOptions labels;
  float share = 0.5F;  // of the teacher in the loss
};

struct TrainPlan {
  std::filesystem::path folder;
  bool resume = false;  // from a checkpoint that is there
  std::optional<DistillPlan> distill;
  model::LoraOptions lora;
  train::DataOptions data;
  train::TrainOptions train;
  train::RunOptions run;
};

/// invalid_argument, naming what to run, where options are missing, contradict each other or the
/// folder holds something that is not to be lost; not_found for --resume where nothing was begun.
/// Nothing is written.
Result<std::filesystem::path> check_train_options(const Context& context);

/// All but the steps, which depend on the data. Needs: check_train_options() gave the folder.
Result<TrainPlan> make_train_plan(const Context& context, const infer::Engine& engine,
                                  std::filesystem::path folder);

/// Fingerprints of the files of the model and, where there is one, of its teacher.
struct TrainedFiles {
  std::string base;
  std::string teacher;
};
/// Steps by epochs or as asked, and what depends on their number: looks, warm-up, recipe.
void plan_steps(const Context& context, const train::TrainingData& data, const TrainedFiles& files,
                TrainPlan& plan);

/// The words that go on with the run.
std::string resume_command(const Context& context);

}  // namespace plmm::cli
