// The same bytes as libsodium's type. For the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <span>

namespace plmm::crypto {

inline const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* raw(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace plmm::crypto
