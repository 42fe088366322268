// The person's own documents: plmm learn add, documents and rm.
#pragma once

#include "apps/plmm/context.h"

namespace plmm::cli {

Result<ExitCode> learn_add(Context& context);
Result<ExitCode> learn_documents(Context& context);
Result<ExitCode> learn_rm(Context& context);

}  // namespace plmm::cli
