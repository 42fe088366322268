// A fast checksum of many bytes: finds damage, not forgery.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace plmm {

using Checksum = std::array<std::uint64_t, 4>;

/// Any single changed word of eight bytes changes it for sure; any other damage goes unseen once in
/// about 2^64 cases. About as fast as memory is read. Little-endian hosts only.
Checksum checksum(std::span<const std::byte> bytes);

}  // namespace plmm
