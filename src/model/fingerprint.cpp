// The fingerprint of a model file, by which an adapter knows its base.
#include <algorithm>
#include <cstdint>
#include <span>

#include "gguf/reader.h"
#include "model/lora_file.h"

namespace plmm::model {
namespace {

/// FNV-1a of 64 bits. Source: Fowler, Noll & Vo, draft-eastlake-fnv.
class Fnv {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      hash_ ^= static_cast<std::uint64_t>(byte);
      hash_ *= 0x100000001B3ULL;
    }
  }
  void add(std::uint64_t value) { add(std::as_bytes(std::span(&value, 1))); }
  std::string hex() const {
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash_ >> shift & 15U];
    return out;
  }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

}  // namespace

std::string fingerprint(const gguf::Reader& model) {
  constexpr std::size_t kBytesOfEach = 4096;  // norms are whole; a model of 300 tensors: 1.2 MB
  Fnv hash;
  for (const gguf::TensorInfo& tensor : model.tensors()) {
    hash.add(std::as_bytes(std::span(tensor.name)));
    hash.add(static_cast<std::uint64_t>(tensor.type));
    for (const std::uint64_t n : tensor.ne) hash.add(n);
    hash.add(tensor.data.first(std::min(tensor.data.size(), kBytesOfEach)));
  }
  return hash.hex();
}

}  // namespace plmm::model
