// Random bytes from the operating system, for keys and nonces.
#pragma once

#include <cstddef>
#include <span>

namespace plmm::crypto {

/// Fills `out` with bytes that nobody can predict. Never fails; safe from any thread. Whatever must
/// replay from a seed uses base/rng.h instead.
void random_bytes(std::span<std::byte> out);

}  // namespace plmm::crypto
