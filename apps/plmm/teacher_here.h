// The teacher of this machine: its model, its sources, and what it has found so far.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/experts.h"
#include "teacher/backend.h"
#include "teacher/gaps_file.h"
#include "teacher/local_teacher.h"
#include "teacher/source.h"

namespace plmm::cli {

/// $XDG_DATA_HOME/plmm/teacher: key, releases, gaps.
teacher::LocalTeacher teacher_here(const Context& context);

/// The model of --endpoint, else of --model, else the best of the catalogue that is here. What
/// would leave this machine is said. The models outlive it.
Result<std::unique_ptr<teacher::Backend>> open_backend(Context& context, ExpertModels& models);

/// Reads what `paths` name, as `plmm expert create --docs` does. invalid_argument when nothing can
/// be read.
Result<teacher::Source> read_sources(Context& context, const std::vector<std::string>& paths);

/// The last gaps of an expert; not_found says how to look for some.
Result<teacher::GapsFile> load_gaps(const Context& context, std::string_view expert);
Result<> save_gaps(const Context& context, const teacher::GapsFile& gaps);

}  // namespace plmm::cli
