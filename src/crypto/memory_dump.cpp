// Core files and memory readers, by Linux's means.
#include "crypto/memory_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace plmm::crypto {

void forbid_memory_dumps() {
  static_cast<void>(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  // For a core pattern that takes dumps whatever the process says.
  const rlimit none{0, 0};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
}

}  // namespace plmm::crypto
