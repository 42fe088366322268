// Fuzz entry of files of packed weights: one that differs in a bit from what was written is
// refused.
#include <cstring>

#include "fuzz/fuzz.h"
#include "model/packed_file.h"

namespace plmm::model {
namespace {

/// Two small matrices, packed and sealed.
struct Example {
  Example() : pool(1) {
    const kernel::StoredMatrix stored{tensor::DType::f32, 32, 16, {}};
    one = kernel::packed_shape(stored, false);
    two = kernel::packed_shape({tensor::DType::q8_0, 64, 20, {}}, false);
    const kernel::PackedMatrix* const matrices[] = {&one, &two};
    plan.emplace(Checksum{1, 2, 3, 4}, matrices);
    file.resize(static_cast<std::size_t>(plan->file_bytes()), std::byte{7});
    plan->seal(file, pool);
  }
  ThreadPool pool;
  kernel::PackedMatrix one, two;
  std::optional<PackedPlan> plan;
  std::vector<std::byte> file;
};

Example& example() {
  static Example out;
  return out;
}

int examine(std::span<const std::byte> bytes) {
  auto& [pool, one, two, plan, file] = example();
  const bool same =
      bytes.size() == file.size() && std::memcmp(bytes.data(), file.data(), file.size()) == 0;
  const bool accepted = plan->holds(bytes, pool);
  if (accepted != same) __builtin_trap();
  fuzz::note(accepted ? "whole" : "refused");
  return accepted ? 0 : -1;
}

}  // namespace
}  // namespace plmm::model

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::model::examine(std::as_bytes(std::span(data, size)));
}

std::vector<std::string> plmm::fuzz::seeds() {
  const auto& file = plmm::model::example().file;
  return {{reinterpret_cast<const char*>(file.data()), file.size()}};
}
