// Secret memory by libsodium's guarded allocator.
#include "crypto/secret.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "crypto/library_start.h"
#include "crypto/random.h"

namespace plmm::crypto {

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  start_library();
  data_ = static_cast<std::byte*>(sodium_malloc(size));
  CHECK(data_ != nullptr);
  wipe(writable());
}

SecretBytes SecretBytes::copy_of(std::span<const std::byte> bytes) {
  SecretBytes out(bytes.size());
  std::ranges::copy(bytes, out.data_);
  return out;
}

SecretBytes SecretBytes::generate(std::size_t size) {
  SecretBytes out(size);
  random_bytes(out.writable());
  return out;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SecretBytes::~SecretBytes() { sodium_free(data_); }  // wipes first; accepts null

void wipe(std::span<std::byte> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

}  // namespace plmm::crypto
