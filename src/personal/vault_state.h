// What the vault knows of itself: its age and a sum over all records, so that none can be lost,
// added or exchanged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/hash.h"

namespace plmm::personal {

using VaultId = std::array<std::byte, 16>;

/// What a record is of; the numbers stand in the file.
enum class Area : std::uint8_t {
  profile = 1,
  consent = 2,
  outbox = 3,
  explanation = 4,
  memory = 5,
  adapter = 6,
  document = 7,       // of the person's own
  passage = 8,        // their texts
  passage_index = 9,  // what finds them
};
inline constexpr std::array kAreas{Area::profile,     Area::consent, Area::outbox,
                                   Area::explanation, Area::memory,  Area::adapter,
                                   Area::document,    Area::passage, Area::passage_index};
/// Areas of the first programs; the state of a vault that they wrote ends behind their sums.
inline constexpr std::size_t kAreasMin = 4;

/// The sum of the keyed digests of all records of an area, modulo 2^256: adding and removing one
/// costs the same however many there are, and without the key nobody finds another set with the
/// same sum. Source: Clarke et al. 2003, "Incremental multiset hash functions", MSet-Add-Hash.
class AreaSum {
 public:
  void add(const crypto::Digest& digest);
  void subtract(const crypto::Digest& digest);
  bool operator==(const AreaSum&) const = default;

  void append_to(std::string& out) const;
  static Result<AreaSum> read_from(std::span<const std::byte> bytes);
  static constexpr std::size_t kBytes = 40;

 private:
  std::uint64_t n_records_ = 0;
  std::array<std::uint64_t, 4> limbs_{};  // lowest first
};

struct VaultState {
  std::uint64_t counter = 0;  // changes so far
  std::uint64_t next_id = 1;
  std::array<AreaSum, kAreas.size()> sums{};

  AreaSum& sum(Area area) { return sums[static_cast<std::size_t>(area) - 1]; }
  const AreaSum& sum(Area area) const { return sums[static_cast<std::size_t>(area) - 1]; }
};

/// Without the counter, which stands in the associated data. Areas at the end that never had a
/// record are left out, as in what was written before there was such an area.
std::string encode(const VaultState& state);
Result<VaultState> decode(std::span<const std::byte> bytes, std::uint64_t counter);

/// Little-endian bytes.
void append_u64(std::string& out, std::uint64_t value);

/// Fills up to a multiple of 64 bytes, so that lengths tell little.
std::string pad(std::string_view content);
/// corrupt_data when pad() did not make it.
Result<std::string> unpad(std::span<const std::byte> padded);

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace plmm::personal
