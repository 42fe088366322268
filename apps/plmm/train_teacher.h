// The teacher of plmm train distill: its file looked at first, its labels made or found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/train_plan.h"
#include "train/label_file.h"

namespace plmm::cli {

/// A teacher whose weights need not be in memory.
struct TeacherFile {
  std::string name;
  std::filesystem::path path;
  std::string fingerprint;
  int n_vocabulary;  // words that both models know
};

/// Whether the model can teach this student, known from its file alone: not_found, what is wrong
/// with the file, or invalid_argument, naming what differs, for one that is smaller or reads text
/// as other tokens.
Result<TeacherFile> find_teacher(Context& context, const std::string& name,
                                 const RunningModel& student);

/// Labels of all the data, in the plan's folder: those that are there and sound are used, the
/// others made, with their progress shown. The teacher is in memory only meanwhile. cancelled: what
/// was labelled stays. Needs: the folder is there; the plan has a teacher.
Result<train::LabelFile> find_or_make_labels(Context& context, const TrainPlan& plan,
                                             const TeacherFile& teacher, RunningModel& student,
                                             const train::TrainingData& data);

}  // namespace plmm::cli
