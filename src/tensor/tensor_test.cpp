// Tests of element types, block decoding against golden bytes, and half-precision conversions.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/rng.h"
#include "tensor/blocks.h"
#include "tensor/split.h"

namespace plmm::tensor {
namespace {

constexpr DType kAll[] = {DType::f32,  DType::f16,  DType::bf16, DType::q4_0, DType::q4_1,
                          DType::q5_0, DType::q5_1, DType::q8_0, DType::q2_k, DType::q3_k,
                          DType::q4_k, DType::q5_k, DType::q6_k};

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

TEST(Dtype, knows_exactly_the_thirteen_numbers) {
  std::set<std::uint32_t> known;
  for (std::uint32_t number = 0; number < 100; ++number) {
    if (dtype_from_number(number)) known.insert(number);
  }
  EXPECT_EQ(known, (std::set<std::uint32_t>{0, 1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 30}));
  EXPECT_EQ(dtype_from_number(0xFFFFFFFFU), std::nullopt);
}

TEST(Dtype, sizes_whole_blocks_only_and_never_wraps) {
  EXPECT_EQ(bytes_of(DType::q4_k, 512), 288U);
  EXPECT_EQ(bytes_of(DType::q4_k, 511), std::nullopt);
  EXPECT_EQ(bytes_of(DType::q8_0, 0), 0U);
  EXPECT_EQ(bytes_of(DType::f32, 1ULL << 62), std::nullopt);
  EXPECT_EQ(bytes_of(DType::q8_0, ~0ULL - 31), std::nullopt);
  EXPECT_EQ(info(DType::bf16).name, "BF16");
}

struct Golden {
  DType type;
  std::vector<std::byte> bytes;
  std::vector<float> values;
};

std::vector<Golden> read_golden() {
  const auto file = read_file("testdata/tensor/blocks.bin", 1 << 20);
  if (!file) return {};
  ByteReader reader(std::as_bytes(std::span(*file)));
  std::vector<Golden> out;
  while (reader.remaining() > 0) {
    const auto type = dtype_from_number(reader.read<std::uint32_t>("type").value());
    const auto n = reader.read<std::uint32_t>("elements").value();
    const auto n_bytes = reader.read<std::uint32_t>("bytes").value();
    const auto bytes = reader.take(n_bytes, "block").value();
    std::vector<float> values(n);
    std::memcpy(values.data(), reader.take(n * sizeof(float), "values").value().data(),
                n * sizeof(float));
    out.push_back({type.value(), {bytes.begin(), bytes.end()}, std::move(values)});
  }
  return out;
}

TEST(Decode, equals_the_golden_values_bit_for_bit) {
  const auto golden = read_golden();
  ASSERT_EQ(golden.size(), std::size(kAll));
  for (const Golden& g : golden) {
    std::vector<float> out(g.values.size());
    decode_row(g.type, g.bytes, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(bits_of(out[i]), bits_of(g.values[i])) << info(g.type).name << " element " << i;
    }
  }
}

/// Writes the formula of split.h out once more, element by element.
float element(const SplitTraits& traits, const SplitBlock& block, int i) {
  const int s = i / traits.n_sub;
  const float scale = block.d * static_cast<float>(block.sub_scale[s]);
  if (!traits.has_min) return scale * static_cast<float>(block.code[i] - traits.zero);
  const float minimum = block.dmin * static_cast<float>(block.sub_min[s]);
  return scale * static_cast<float>(block.code[i]) - minimum;
}

TEST(Split, formula_reproduces_the_golden_values_and_codes_stay_in_range) {
  const auto golden = read_golden();
  ASSERT_EQ(golden.size(), std::size(kAll));
  for (const Golden& g : golden) {
    if (!is_quantised(g.type)) continue;
    const SplitTraits traits = split_traits(g.type);
    ASSERT_EQ(static_cast<std::size_t>(traits.n_block), info(g.type).n_block);
    SplitBlock block;
    const auto n_block = static_cast<std::size_t>(traits.n_block);
    for (std::size_t b = 0; b < g.values.size() / n_block; ++b) {
      split_block(g.type, g.bytes.data() + b * info(g.type).block_bytes, block);
      for (int i = 0; i < traits.n_block; ++i) {
        ASSERT_LT(block.code[i], 1 << traits.n_bits);
        ASSERT_EQ(bits_of(element(traits, block, i)),
                  bits_of(g.values[b * n_block + static_cast<std::size_t>(i)]))
            << info(g.type).name << " block " << b << " element " << i;
      }
    }
  }
}

TEST(Split, takes_any_bytes_at_any_alignment) {
  Rng rng(1);
  std::vector<std::byte> bytes(4096 + 1);
  for (std::byte& b : bytes) b = static_cast<std::byte>(rng.next());
  for (const DType type : kAll) {
    const std::size_t n = 4096 / info(type).block_bytes * info(type).n_block;
    std::vector<float> out(n);
    decode_row(type, std::span(bytes).subspan(1, bytes_of(type, n).value()), out);
    std::vector<std::byte> moved(bytes.begin() + 1, bytes.end());
    std::vector<float> again(n);
    decode_row(type, std::span(moved).first(bytes_of(type, n).value()), again);
    EXPECT_EQ(std::memcmp(out.data(), again.data(), n * sizeof(float)), 0) << info(type).name;
  }
}

TEST(Decode, takes_an_empty_row) { decode_row(DType::q6_k, {}, {}); }

TEST(Encode, gives_the_nearest_q8_0) {
  Rng rng(3);
  std::vector<float> row(96), decoded(96);
  for (float& x : row) x = static_cast<float>(rng.uniform() - 0.5) * 6.0F;
  for (std::size_t i = 32; i < 64; ++i) row[i] *= 1e-4F;  // their scale is a subnormal f16
  for (std::size_t i = 64; i < 96; ++i) row[i] = 0.0F;
  std::vector<std::byte> blocks(3 * 34);
  ASSERT_TRUE(encode_q8_0(row, blocks));
  decode_row(DType::q8_0, blocks, decoded);
  const float largest =
      std::abs(*std::ranges::max_element(row, {}, [](float x) { return std::abs(x); }));
  for (std::size_t i = 0; i < 96; ++i) {
    EXPECT_NEAR(decoded[i], row[i], i < 32 ? largest / 250 : 5e-6F) << i;
  }
  std::vector<std::byte> again(3 * 34);
  ASSERT_TRUE(encode_q8_0(decoded, again));
  EXPECT_EQ(again, blocks);
}

TEST(Encode, refuses_what_has_no_scale) {
  std::vector<std::byte> blocks(34);
  for (const float x :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e9F}) {
    std::vector<float> row(32);
    row[7] = x;
    EXPECT_FALSE(encode_q8_0(row, blocks)) << x;
  }
}

TEST(Half, all_f16_values_convert_as_defined_and_back) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    const float value = f16_to_f32(half);
    const int exponent = (half >> 10) & 31;
    const int mantissa = half & 0x3FF;
    if (exponent == 31 && mantissa != 0) {
      ASSERT_TRUE(std::isnan(value)) << i;
      ASSERT_TRUE(std::isnan(f16_to_f32(f32_to_f16(value)))) << i;
      continue;
    }
    const double magnitude = exponent == 31  ? std::numeric_limits<double>::infinity()
                             : exponent == 0 ? std::ldexp(mantissa, -24)
                                             : std::ldexp(1024 + mantissa, exponent - 25);
    ASSERT_EQ(static_cast<double>(std::fabs(value)), magnitude) << i;
    ASSERT_EQ(std::signbit(value), (half & 0x8000) != 0) << i;
    ASSERT_EQ(f32_to_f16(value), half) << i;
  }
}

TEST(Half, f16_rounds_to_nearest_with_ties_to_even_between_all_neighbours) {
  for (std::uint16_t half = 0; half < 0x7BFF; ++half) {
    const auto next = static_cast<std::uint16_t>(half + 1);
    const float middle = (f16_to_f32(half) + f16_to_f32(next)) / 2;  // exact in f32
    const std::uint16_t even = half % 2 == 0 ? half : next;
    ASSERT_EQ(f32_to_f16(middle), even) << half;
    ASSERT_EQ(f32_to_f16(-middle), even | 0x8000) << half;
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 0.0F)), half) << half;
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 1e9F)), next) << half;
  }
}

TEST(Half, f16_ends_in_infinity_and_zero) {
  EXPECT_EQ(f32_to_f16(65504.0F), 0x7BFF);
  EXPECT_EQ(f32_to_f16(std::nextafter(65520.0F, 0.0F)), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(-std::numeric_limits<float>::max()), 0xFC00);
  EXPECT_EQ(f32_to_f16(0x1p-25F), 0x0000);  // half the smallest subnormal: a tie, to even
  EXPECT_EQ(f32_to_f16(std::nextafter(0x1p-25F, 1.0F)), 0x0001);
  EXPECT_EQ(f32_to_f16(-0.0F), 0x8000);
}

TEST(Half, all_bf16_values_come_back) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    const float value = bf16_to_f32(half);
    ASSERT_EQ(bits_of(value), i << 16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(value)))) << i;
    } else {
      ASSERT_EQ(f32_to_bf16(value), half) << i;
    }
  }
}

TEST(Half, bf16_rounds_to_nearest_with_ties_to_even_between_all_neighbours) {
  for (std::uint32_t half = 0; half < 0x7F80; ++half) {
    const std::uint32_t middle = (half << 16) | 0x8000U;
    const std::uint32_t even = half % 2 == 0 ? half : half + 1;  // after the largest comes infinity
    ASSERT_EQ(f32_to_bf16(std::bit_cast<float>(middle)), even) << half;
    ASSERT_EQ(f32_to_bf16(std::bit_cast<float>(middle - 1)), half) << half;
    ASSERT_EQ(f32_to_bf16(std::bit_cast<float>(middle + 1)), half + 1) << half;
    ASSERT_EQ(f32_to_bf16(-std::bit_cast<float>(middle)), even | 0x8000U) << half;
  }
  // A NaN whose payload lies in the dropped bits only must not become infinity.
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0x7F800001U)))));
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0xFFFFFFFFU)))));
}

}  // namespace
}  // namespace plmm::tensor
