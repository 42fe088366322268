// Prints the broken condition and aborts.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace plmm {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "plmm: bug: CHECK(%s) failed at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace plmm
