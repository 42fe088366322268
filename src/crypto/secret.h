// Memory for keys: locked where the system allows, wiped at its end, never printed.
#pragma once

#include <cstddef>
#include <span>

namespace plmm::crypto {

/// A fixed number of secret bytes on pages of their own, between guard pages, kept out of swap and
/// core dumps where the system allows. Each costs several pages: for keys, not for records. Moves;
/// a copy is made by name. There is no way to print or compare one.
class SecretBytes {
 public:
  /// `size` zeros.
  explicit SecretBytes(std::size_t size);
  static SecretBytes copy_of(std::span<const std::byte> bytes);
  /// Random bytes.
  static SecretBytes generate(std::size_t size);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::span<std::byte> writable() { return {data_, size_}; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites bytes that were secret, in a way that the compiler does not leave out.
void wipe(std::span<std::byte> bytes);

}  // namespace plmm::crypto
