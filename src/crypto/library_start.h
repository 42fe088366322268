// What every user of libsodium calls first.
#pragma once

namespace plmm::crypto {

/// Picks libsodium's code for this processor and opens its random source, once; any thread.
void start_library();

}  // namespace plmm::crypto
