// Builds GGUF files field by field and checks nothing, so that they may lie. For tests and fuzzing
// only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "gguf/format.h"

namespace plmm::gguf {

class Forge {
 public:
  Forge() = default;  // no bytes at all
  Forge(std::uint64_t n_tensors, std::uint64_t n_entries, std::uint32_t version = kVersion) {
    put(kMagic).put(version).put(n_tensors).put(n_entries);
  }

  template <class T>
  Forge& put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Forge& string(std::string_view text) {
    put<std::uint64_t>(text.size());
    bytes_ += text;
    return *this;
  }
  Forge& key(std::string_view name, ValueType type) {
    return string(name).put(static_cast<std::uint32_t>(type));
  }
  Forge& array(std::string_view name, ValueType elements, std::uint64_t n) {
    return key(name, ValueType::array).put(static_cast<std::uint32_t>(elements)).put(n);
  }
  Forge& tensor(std::string_view name, std::initializer_list<std::uint64_t> ne, std::uint32_t type,
                std::uint64_t offset) {
    string(name).put(static_cast<std::uint32_t>(ne.size()));
    for (const std::uint64_t n : ne) put(n);
    return put(type).put(offset);
  }
  /// Zeros up to the next multiple of `alignment`, then `n` bytes of data.
  Forge& data(std::size_t n, std::size_t alignment = kAlignmentDefault) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment + n, '\0');
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace plmm::gguf
