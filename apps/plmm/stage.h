// A home of its own for a demonstration or a measurement.
#pragma once

#include <filesystem>

#include "apps/plmm/context.h"

namespace plmm::cli {

/// The environment of a stage: data, configuration, cache and ledger are in `folder` (a
/// TemporaryFolder, so that nothing stays); the models and choice of one are those of `context`.
Environment environment_of(const Context& context, const std::filesystem::path& folder);

}  // namespace plmm::cli
