// Damage of every kind changes the checksum.
#include "base/checksum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/rng.h"

namespace plmm {
namespace {

std::vector<std::byte> random_bytes(std::size_t n) {
  Rng rng(n);
  std::vector<std::byte> out(n);
  for (std::byte& byte : out) byte = static_cast<std::byte>(rng.below(256));
  return out;
}

TEST(Checksum, finds_every_flipped_bit) {
  for (const std::size_t n : {1U, 7U, 63U, 64U, 65U, 200U}) {
    auto bytes = random_bytes(n);
    const auto whole = checksum(bytes);
    for (std::size_t bit = 0; bit < 8 * n; ++bit) {
      bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      EXPECT_NE(checksum(bytes), whole) << "bit " << bit << " of " << n << " bytes";
      bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    }
  }
}

TEST(Checksum, tells_lengths_of_zeros_apart) {
  const std::vector<std::byte> zeros(300);
  std::set<Checksum> seen;
  for (std::size_t n = 0; n <= zeros.size(); ++n) seen.insert(checksum(std::span(zeros).first(n)));
  EXPECT_EQ(seen.size(), zeros.size() + 1);
}

TEST(Checksum, finds_words_that_changed_places) {
  const auto bytes = random_bytes(256);
  const auto whole = checksum(bytes);
  for (std::size_t other = 8; other < bytes.size(); other += 8) {
    auto swapped = bytes;
    std::swap_ranges(swapped.begin(), swapped.begin() + 8,
                     swapped.begin() + static_cast<std::ptrdiff_t>(other));
    EXPECT_NE(checksum(swapped), whole) << other;
  }
}

TEST(Checksum, is_the_same_in_every_build) {
  const auto bytes = random_bytes(1000);
  EXPECT_EQ(checksum(bytes)[0], 3012549817952861489U);
}

}  // namespace
}  // namespace plmm
