// Random bytes by libsodium.
#include "crypto/random.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/library_start.h"

namespace plmm::crypto {

void start_library() {
  static const bool ready = sodium_init() >= 0;  // it fails only without a random source
  CHECK(ready);
}

void random_bytes(std::span<std::byte> out) {
  start_library();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace plmm::crypto
