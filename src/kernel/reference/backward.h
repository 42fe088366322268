// The table of the reference's kernels of training.
#pragma once

#include "kernel/backward.h"

namespace plmm::kernel::reference {

extern const BackwardKernels kBackward;

}  // namespace plmm::kernel::reference
