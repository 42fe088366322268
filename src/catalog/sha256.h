// SHA-256 of a stream of bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace plmm::catalog {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&& other) noexcept;
  ~Sha256();

  void update(std::span<const std::byte> bytes);
  /// The digest as 64 lower-case hex digits; the object starts anew.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plmm::catalog
