// One question to an expert, knowingly: what would leave is shown before it leaves.
#pragma once

#include <string>

#include "apps/plmm/context.h"

namespace plmm::cli {

/// plmm ask --expert NAME: preview, consent, streamed answer, citations, price.
Result<ExitCode> ask_expert(Context& context, const std::string& question);

}  // namespace plmm::cli
