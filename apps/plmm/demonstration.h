// The whole loop as a story for somebody who gave no input: real calls, in a home of its own.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

/// A person, an expert, a correction that earns, a teacher that closes a gap, and what it all left
/// in the books. Each step is a command of plmm that is shown and run; all of them keep what they
/// write in a folder that is removed at the end, never in the user's own. Without the embedding
/// model it says how to get it and ends well.
Result<ExitCode> tell_story(Context& context);

}  // namespace plmm::cli
