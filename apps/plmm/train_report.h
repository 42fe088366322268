// What remains of a training run for people: the learning curve as a picture, and a report.
#pragma once

#include <string>

#include "train/data.h"
#include "train/run.h"

namespace plmm::cli {

/// Who taught the model, and its own loss on the documents kept apart.
struct Taught {
  std::string teacher;
  double loss_apart = 0;
};

/// SVG: the loss of each step as a line, that of the documents kept apart as points, the teacher's
/// there, if there is one (`taught` may be null), as a dashed line.
std::string learning_curve(const train::RunLog& log, const Taught* taught);

/// "chats.jsonl: line 3: …" for the first few, and how many more.
std::string dropped_text(const train::DataReport& report);

struct TrainedWith {
  std::string model;
  std::string recipe;
  double seconds = 0;  // of this process
};
std::string train_report(const TrainedWith& with, const train::DataReport& data,
                         const train::RunLog& log, const Taught* taught);

}  // namespace plmm::cli
