// Little-endian encodings of the vault's state, and padding.
#include "personal/vault_state.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kPadBytes = 64;
constexpr char kPadMark = '\x80';

}  // namespace

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void AreaSum::add(const crypto::Digest& digest) {
  ++n_records_;
  unsigned long long carry = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    std::uint64_t limb = 0;
    std::memcpy(&limb, digest.data() + i * sizeof limb, sizeof limb);
    const bool first = __builtin_add_overflow(limbs_[i], limb, &limbs_[i]);
    const bool second = __builtin_add_overflow(limbs_[i], carry, &limbs_[i]);
    carry = first || second ? 1 : 0;
  }
}

void AreaSum::subtract(const crypto::Digest& digest) {
  --n_records_;
  unsigned long long borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    std::uint64_t limb = 0;
    std::memcpy(&limb, digest.data() + i * sizeof limb, sizeof limb);
    const bool first = __builtin_sub_overflow(limbs_[i], limb, &limbs_[i]);
    const bool second = __builtin_sub_overflow(limbs_[i], borrow, &limbs_[i]);
    borrow = first || second ? 1 : 0;
  }
}

void AreaSum::append_to(std::string& out) const {
  append_u64(out, n_records_);
  for (const std::uint64_t limb : limbs_) append_u64(out, limb);
}

Result<AreaSum> AreaSum::read_from(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  AreaSum out;
  out.n_records_ = TRY(reader.read<std::uint64_t>("number of records"));
  for (std::uint64_t& limb : out.limbs_) limb = TRY(reader.read<std::uint64_t>("sum"));
  return out;
}

std::string encode(const VaultState& state) {
  std::string out;
  append_u64(out, state.next_id);
  std::size_t n_areas = state.sums.size();
  while (n_areas > kAreasMin && state.sums[n_areas - 1] == AreaSum()) --n_areas;
  for (std::size_t i = 0; i < n_areas; ++i) state.sums[i].append_to(out);
  return out;
}

Result<VaultState> decode(std::span<const std::byte> bytes, std::uint64_t counter) {
  ByteReader reader(bytes);
  VaultState out;
  out.counter = counter;
  out.next_id = TRY(reader.read<std::uint64_t>("next id"));
  for (std::size_t i = 0; i < out.sums.size(); ++i) {
    if (i >= kAreasMin && reader.remaining() == 0) break;
    out.sums[i] = TRY(AreaSum::read_from(TRY(reader.take(AreaSum::kBytes, "sum of an area"))));
  }
  if (reader.remaining() != 0) return fail(ErrorCode::corrupt_data, "bytes behind the vault state");
  return out;
}

std::string pad(std::string_view content) {
  std::string out(content);
  out.push_back(kPadMark);
  out.resize((out.size() + kPadBytes - 1) / kPadBytes * kPadBytes, '\0');
  return out;
}

Result<std::string> unpad(std::span<const std::byte> padded) {
  std::string out(reinterpret_cast<const char*>(padded.data()), padded.size());
  const std::size_t last = out.find_last_not_of('\0');
  if (last == std::string::npos || out[last] != kPadMark || out.size() - last > kPadBytes) {
    return fail(ErrorCode::corrupt_data, "a record has no end");
  }
  out.resize(last);
  return out;
}

}  // namespace plmm::personal
