// The person's own editor on a file.
#pragma once

#include <filesystem>

#include "apps/plmm/files/paths.h"
#include "base/result.h"

namespace plmm::terminal {

/// Runs $VISUAL, else $EDITOR, as a shell would, else the first of editor, nano and vi that is
/// here, on this terminal, until it ends. not_found without any, io when it ends with an error.
Result<> edit_file(const std::filesystem::path& file, const files::Environment& environment);

}  // namespace plmm::terminal
