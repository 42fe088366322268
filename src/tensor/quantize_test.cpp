// Quantised blocks say what they were made of, and no plainer way of making them says it better.
#include "tensor/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "tensor/blocks.h"

namespace plmm::tensor {
namespace {

constexpr std::size_t kRow = 512;

/// Rows as weights come: bell-shaped, of one sign, with outliers, tiny, whole blocks of one value.
enum class Kind : std::uint8_t { bell, positive, negative, outliers, tiny, constant };
constexpr Kind kKinds[] = {Kind::bell,     Kind::positive, Kind::negative,
                           Kind::outliers, Kind::tiny,     Kind::constant};

std::vector<float> row_of(Kind kind, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(kRow);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double bell = rng.uniform() + rng.uniform() + rng.uniform() - 1.5;
    double x = bell * 0.05 * (1 + static_cast<double>(i / 64));
    if (kind == Kind::positive) x = std::abs(x) + 0.02;
    if (kind == Kind::negative) x = -std::abs(x) - 0.02;
    if (kind == Kind::outliers && rng.below(40) == 0) x *= 20;
    if (kind == Kind::tiny) x *= 1e-4;
    if (kind == Kind::constant) x = -0.3;
    out[i] = static_cast<float>(x);
  }
  return out;
}

std::vector<std::byte> quantized(DType type, std::span<const float> row) {
  std::vector<std::byte> out(bytes_of(type, row.size()).value());
  EXPECT_TRUE(quantize_row(type, row, out));
  return out;
}

double squared_error(DType type, std::span<const std::byte> blocks, std::span<const float> row) {
  std::vector<float> decoded(row.size());
  decode_row(type, blocks, decoded);
  double out = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double off = static_cast<double>(decoded[i]) - static_cast<double>(row[i]);
    out += off * off;
  }
  return out;
}

float in_half(float x) { return f16_to_f32(f32_to_f16(x)); }

/// Round to nearest, the plain way: the largest number of a sub-block on the end of its codes, the
/// largest scale of a block on the end of the scales.
void round_to_nearest(DType type, std::span<const float> x, SplitBlock& out) {
  const auto traits = split_traits(type);
  const auto n_subs = static_cast<std::size_t>(traits.n_block / traits.n_sub);
  const auto n_sub = static_cast<std::size_t>(traits.n_sub);
  const float top = static_cast<float>((1 << traits.n_bits) - 1);
  const float lowest = type == DType::q8_0 ? 1 : 0;  // our kernels know no -128
  std::vector<float> step(n_subs), minimum(n_subs);
  for (std::size_t s = 0; s < n_subs; ++s) {
    const auto sub = x.subspan(s * n_sub, n_sub);
    const float low = std::min(0.0F, std::ranges::min(sub)), high = std::ranges::max(sub);
    const float largest = std::max(std::abs(low), std::abs(high));
    if (traits.has_min) {
      step[s] = (high - low) / top;
      minimum[s] = -low;
    } else {
      step[s] = largest / static_cast<float>(type == DType::q8_0 ? 127 : traits.zero - 1);
    }
  }
  const bool super = n_subs > 1;
  const float scale_top = traits.has_min ? 63 : 127;
  out.d = in_half(std::ranges::max(step) / (super ? scale_top : 1.0F));
  out.dmin = in_half(std::ranges::max(minimum) / 63);
  for (std::size_t s = 0; s < n_subs; ++s) {
    const auto whole = [](float wanted, float unit, float most) {
      return unit == 0 ? 0.0F : std::clamp(std::nearbyint(wanted / unit), 0.0F, most);
    };
    out.sub_scale[s] = static_cast<std::int8_t>(super ? whole(step[s], out.d, scale_top) : 1.0F);
    out.sub_min[s] = static_cast<std::uint8_t>(whole(minimum[s], out.dmin, 63));
    const float a = out.d * static_cast<float>(out.sub_scale[s]);
    const float b = out.dmin * static_cast<float>(out.sub_min[s]);
    for (std::size_t i = s * n_sub; i < (s + 1) * n_sub; ++i) {
      const float code = a == 0 ? 0 : std::nearbyint((x[i] + b) / a);
      out.code[i] = static_cast<std::uint8_t>(
          std::clamp(code + static_cast<float>(traits.zero), lowest, top));
    }
  }
}

TEST(Join, is_the_other_way_round_than_split) {
  Rng rng(7);
  for (const DType type : quantized_types()) {
    const DTypeInfo& i = info(type);
    for (int n = 0; n < 50; ++n) {
      std::vector<std::byte> bytes(i.block_bytes), again(i.block_bytes);
      for (std::byte& b : bytes) b = static_cast<std::byte>(rng.next());
      // Halves that are numbers: of a NaN not every bit comes back.
      for (const std::size_t at : {std::size_t{0}, std::size_t{2}, i.block_bytes - 2})
        bytes[at + 1] &= std::byte{0xBB};
      SplitBlock block{};
      split_block(type, bytes.data(), block);
      join_block(type, block, again.data());
      ASSERT_EQ(bytes, again) << i.name;
    }
  }
}

TEST(Quantize, is_never_worse_than_rounding_to_the_nearest_code) {
  for (const DType type : quantized_types()) {
    const DTypeInfo& i = info(type);
    for (const Kind kind : kKinds) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto row = row_of(kind, seed);
        for (std::size_t b = 0; b < kRow / i.n_block; ++b) {
          const auto x = std::span(row).subspan(b * i.n_block, i.n_block);
          SplitBlock block{};
          round_to_nearest(type, x, block);
          std::vector<std::byte> plain(i.block_bytes);
          join_block(type, block, plain.data());
          // Sums of squares in f32 and in f64 differ in the last places.
          EXPECT_LE(squared_error(type, quantized(type, x), x),
                    squared_error(type, plain, x) * 1.0001 + 1e-30)
              << i.name << " kind " << static_cast<int>(kind) << " seed " << seed;
        }
      }
    }
  }
}

TEST(Quantize, searches_better_scales_than_rounding_has) {
  for (const DType type : {DType::q4_0, DType::q5_0, DType::q4_k, DType::q6_k}) {
    const DTypeInfo& i = info(type);
    double ours = 0, plain = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const auto row = row_of(Kind::bell, seed);
      const auto x = std::span(row).first(i.n_block);
      SplitBlock block{};
      round_to_nearest(type, x, block);
      std::vector<std::byte> bytes(i.block_bytes);
      join_block(type, block, bytes.data());
      plain += squared_error(type, bytes, x);
      ours += squared_error(type, quantized(type, x), x);
    }
    EXPECT_LT(ours, 0.9 * plain) << i.name;
  }
}

TEST(Quantize, loses_at_most_what_the_type_has_to) {
  struct Bound {
    DType type;
    double relative;  // root of the squared error over that of the numbers
  };
  for (const auto& [type, relative] :
       {Bound{DType::q8_0, 0.006}, Bound{DType::q6_k, 0.02}, Bound{DType::q5_0, 0.05},
        Bound{DType::q4_k, 0.08}, Bound{DType::q4_0, 0.1}}) {
    const auto row = row_of(Kind::bell, 3);
    double power = 0;
    for (const float x : row) power += static_cast<double>(x) * static_cast<double>(x);
    EXPECT_LT(std::sqrt(squared_error(type, quantized(type, row), row) / power), relative)
        << info(type).name;
  }
}

TEST(Quantize, leaves_what_is_quantised_already_as_it_is) {
  for (const DType type : quantized_types()) {
    const auto row = row_of(Kind::bell, 5);
    std::vector<float> once(kRow);
    decode_row(type, quantized(type, row), once);
    double power = 0;
    for (const float x : once) power += static_cast<double>(x) * static_cast<double>(x);
    // Of a line through few levels there are several descriptions: Q4_K finds one a little off.
    const double share = type == DType::q4_k ? 2e-4 : 1e-5;
    EXPECT_LT(squared_error(type, quantized(type, once), once), share * power) << info(type).name;
  }
}

TEST(Quantize, keeps_zeros_and_takes_an_empty_row) {
  for (const DType type : quantized_types()) {
    const std::vector<float> zeros(kRow);
    EXPECT_EQ(squared_error(type, quantized(type, zeros), zeros), 0) << info(type).name;
    EXPECT_TRUE(quantized(type, {}).empty());
  }
}

TEST(Quantize, refuses_what_has_no_scale) {
  for (const DType type : quantized_types()) {
    for (const float x :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(),
          std::numeric_limits<float>::max(), 3e9F}) {
      auto row = row_of(Kind::bell, 1);
      row[300] = x;
      std::vector<std::byte> out(bytes_of(type, kRow).value());
      EXPECT_FALSE(quantize_row(type, row, out)) << info(type).name << " " << x;
    }
  }
}

TEST(Quantize, gives_the_same_bytes_for_the_same_numbers) {
  for (const DType type : quantized_types()) {
    const auto row = row_of(Kind::outliers, 9);
    EXPECT_EQ(quantized(type, row), quantized(type, row));
    EXPECT_EQ(quantized(type, std::span(row).first(256)), [&] {
      auto whole = quantized(type, row);
      whole.resize(bytes_of(type, 256).value());
      return whole;
    }()) << "blocks do not depend on each other";
  }
}

}  // namespace
}  // namespace plmm::tensor
