// CHECK: a bug in our own code stops the program. Never reachable by input from outside.
#pragma once

namespace plmm {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace plmm

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::plmm::check_failed(#condition, __FILE__, __LINE__))
