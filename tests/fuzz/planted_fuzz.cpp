// A parser with a planted bug: the driver must find it, or it would not find others.
#include <cstdlib>
#include <string_view>

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A length byte that is believed: the bug needs a good start and one wrong byte.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.starts_with("PLMM") || size < 5) return -1;
  if (data[4] > size - 5 && data[4] > 200) std::abort();
  return data[4] <= size - 5 ? 0 : -1;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {
      "PLMM\x03"
      "abc"};
}
