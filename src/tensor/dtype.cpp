// The table of element types.
#include "tensor/dtype.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/narrow.h"

namespace plmm::tensor {
namespace {

constexpr std::array kTypes{
    DTypeInfo{DType::f32, "F32", 1, 4},       DTypeInfo{DType::f16, "F16", 1, 2},
    DTypeInfo{DType::q4_0, "Q4_0", 32, 18},   DTypeInfo{DType::q4_1, "Q4_1", 32, 20},
    DTypeInfo{DType::q5_0, "Q5_0", 32, 22},   DTypeInfo{DType::q5_1, "Q5_1", 32, 24},
    DTypeInfo{DType::q8_0, "Q8_0", 32, 34},   DTypeInfo{DType::q2_k, "Q2_K", 256, 84},
    DTypeInfo{DType::q3_k, "Q3_K", 256, 110}, DTypeInfo{DType::q4_k, "Q4_K", 256, 144},
    DTypeInfo{DType::q5_k, "Q5_K", 256, 176}, DTypeInfo{DType::q6_k, "Q6_K", 256, 210},
    DTypeInfo{DType::bf16, "BF16", 1, 2},
};

const DTypeInfo* find(std::uint32_t number) {
  const auto* const it = std::ranges::find(
      kTypes, number, [](const DTypeInfo& i) { return static_cast<std::uint32_t>(i.type); });
  return it == kTypes.end() ? nullptr : it;
}

}  // namespace

std::optional<DType> dtype_from_number(std::uint32_t number) {
  const DTypeInfo* const found = find(number);
  if (found == nullptr) return std::nullopt;
  return found->type;
}

const DTypeInfo& info(DType type) {
  const DTypeInfo* const found = find(static_cast<std::uint32_t>(type));
  CHECK(found != nullptr);
  return *found;
}

std::optional<std::size_t> bytes_of(DType type, std::uint64_t n) {
  const DTypeInfo& i = info(type);
  if (n % i.n_block != 0) return std::nullopt;
  return checked_mul<std::size_t>(n / i.n_block, i.block_bytes);
}

}  // namespace plmm::tensor
