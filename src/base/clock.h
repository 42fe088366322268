// The time of day as a value, so that tests set it.
#pragma once

#include <cstdint>
#include <functional>

namespace plmm {

/// Milliseconds since 1970, UTC; passed in by the program.
using Clock = std::function<std::int64_t()>;

}  // namespace plmm
