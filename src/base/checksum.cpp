// Eight independent lanes, so that their multiplications overlap; then all are folded.
#include "base/checksum.h"

#include <bit>
#include <cstring>

namespace plmm {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kStripe = kLanes * sizeof(std::uint64_t);
// No pattern: the fractions of the square roots of 2, 3, 5, 7, 11, 13, 17 and 19, made odd.
constexpr std::array<std::uint64_t, kLanes> kOdd{
    0x6A09E667F3BCC909U, 0xBB67AE8584CAA73BU, 0x3C6EF372FE94F82BU, 0xA54FF53A5F1D36F1U,
    0x510E527FADE682D1U, 0x9B05688C2B3E6C1FU, 0x1F83D9ABFB41BD6BU, 0x5BE0CD19137E2179U};
using Lanes = std::array<std::uint64_t, kLanes>;

/// One to one in each argument: that is why a changed word cannot vanish.
std::uint64_t mix(std::uint64_t lane, std::uint64_t word, std::uint64_t odd) {
  lane = (lane ^ word) * odd;
  return lane ^ lane >> 29;
}

void add_stripe(const std::byte* at, Lanes& lanes) {
  static_assert(std::endian::native == std::endian::little);
  Lanes words;
  std::memcpy(words.data(), at, kStripe);
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = mix(lanes[i], words[i], kOdd[i]);
}

}  // namespace

Checksum checksum(std::span<const std::byte> bytes) {
  Lanes lanes = kOdd;
  std::size_t at = 0;
  for (; at + kStripe <= bytes.size(); at += kStripe) add_stripe(bytes.data() + at, lanes);
  std::array<std::byte, kStripe> last{};  // the rest, then zeros: the length tells them apart
  if (at < bytes.size()) std::memcpy(last.data(), bytes.data() + at, bytes.size() - at);
  add_stripe(last.data(), lanes);
  Checksum out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t sum = bytes.size() + i;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sum = mix(sum, lanes[(lane + i) % kLanes], kOdd[(lane + 3 * i) % kLanes]);
    out[i] = sum;
  }
  return out;
}

}  // namespace plmm
