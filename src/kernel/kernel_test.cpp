// Every tier this CPU has against reference/: the same bits, on odd sizes, tails, unaligned starts
// and bad numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/rng.h"
#include "kernel/dispatch.h"
#include "kernel/random_panels.h"
#include "kernel/tiers/tiers.h"
#include "tensor/blocks.h"

namespace plmm::kernel {
namespace {

using tensor::DType;

void expect_same(std::span<const float> a, std::span<const float> b, const std::string& where) {
  ASSERT_EQ(a.size(), b.size());
  const std::size_t i = first_difference(a, b);
  ASSERT_EQ(i, a.size()) << where << " at " << i << ": " << a[i] << " vs " << b[i];
}

struct Quantized {
  std::vector<std::byte> memory;
  QuantizedRows rows;
};

Quantized quantize(const Kernels& kernels, const std::vector<float>& x, int n_rows, int n_in) {
  Quantized out;
  out.memory.resize(QuantizedRows::bytes(n_rows, n_in) + 64);
  auto* aligned =
      out.memory.data() + (64 - reinterpret_cast<std::uintptr_t>(out.memory.data()) % 64) % 64;
  out.rows = QuantizedRows::in(aligned, n_rows, n_in);
  kernels.quantize_rows(x.data(), n_in, 0, n_rows, out.rows);
  return out;
}

constexpr std::size_t kScratchGuard = 4096;

std::byte* aligned_scratch(std::vector<std::byte>& memory, int n_in) {
  memory.assign(scratch_bytes(n_in) + 64 + kScratchGuard, std::byte{0x5A});
  return memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
}

/// y of one tier from panel `begin` on, with guard columns beside it.
std::vector<float> product(const Kernels& kernels, const PackedMatrix& w,
                           const std::vector<float>& x, int n_tokens, Epilogue epilogue,
                           int begin = 0) {
  const int ldy = w.n_out - begin * kPanelRows + 3;
  std::vector<float> y(static_cast<std::size_t>(n_tokens * ldy), kGuard);
  std::vector<std::byte> memory;
  if (w.is_float()) {
    kernels.matmul_float(w, begin, w.n_panels(), x.data(), w.n_in, 0, n_tokens, y.data(), ldy,
                         epilogue);
  } else {
    const auto q = quantize(kernels, x, n_tokens, w.n_in);
    std::byte* scratch = aligned_scratch(memory, w.n_in);
    kernels.matmul(w, begin, w.n_panels(), q.rows, 0, n_tokens, y.data(), ldy, epilogue, scratch);
    const std::span behind(scratch + scratch_bytes(w.n_in), kScratchGuard);
    EXPECT_EQ(std::ranges::count(behind, std::byte{0x5A}), std::ssize(behind)) << kernels.name;
  }
  return y;
}

class Tier : public ::testing::TestWithParam<const Kernels*> {};

TEST_P(Tier, matmul_has_the_reference_bits_for_every_type_and_token_count) {
  Rng rng(1);
  for (const DType type : kTypes) {
    for (const int n_out : {16, 21, 48}) {
      const int n_in = tensor::info(type).n_block == 256 ? 512 : 96;
      const auto w = pack(type, random_blocks(rng, type, n_out, n_in), n_in, n_out);
      // Up to 26 there is a tile of each size, of one panel and of two; beyond, and where there are
      // three, some are enough.
      for (int n_tokens = 1; n_tokens <= 35; n_tokens += n_out == 48 || n_tokens > 25 ? 5 : 1) {
        const auto x = random_floats(rng, static_cast<std::size_t>(n_tokens * n_in));
        for (const auto epilogue : {Epilogue::store, Epilogue::add}) {
          const auto want = product(reference(), w, x, n_tokens, epilogue);
          const auto got = product(*GetParam(), w, x, n_tokens, epilogue);
          expect_same(got, want,
                      std::string(tensor::info(type).name) + " tokens " + std::to_string(n_tokens));
        }
      }
    }
  }
}

TEST_P(Tier, matmul_gives_a_token_the_same_bits_alone_and_in_a_batch) {
  Rng rng(2);
  for (const DType type : kTypes) {
    const int n_in = 256, n_out = 32, n_tokens = 40;
    const auto w = pack(type, random_blocks(rng, type, n_out, n_in), n_in, n_out);
    const auto x = random_floats(rng, static_cast<std::size_t>(n_tokens * n_in));
    const auto batch = product(*GetParam(), w, x, n_tokens, Epilogue::store);
    for (int t = 0; t < n_tokens; ++t) {
      const std::vector<float> row(x.begin() + t * n_in, x.begin() + (t + 1) * n_in);
      const auto alone = product(*GetParam(), w, row, 1, Epilogue::store);
      const auto width = static_cast<std::size_t>(n_out + 3);
      expect_same(std::span(batch).subspan(static_cast<std::size_t>(t) * width, width), alone,
                  "token");
    }
  }
}

TEST_P(Tier, matmul_keeps_to_its_scratch_however_wide_the_matrix) {
  Rng rng(14);
  const int n_in = 16'384, n_out = 32;  // two spread panels are larger than what groups may take
  const auto w = pack(DType::q4_0, random_blocks(rng, DType::q4_0, n_out, n_in), n_in, n_out);
  for (const int n_tokens : {2, 8, 17, 26}) {
    const auto x = random_floats(rng, static_cast<std::size_t>(n_tokens * n_in));
    const auto want = product(reference(), w, x, n_tokens, Epilogue::store);
    expect_same(product(*GetParam(), w, x, n_tokens, Epilogue::store), want, "wide");
  }
}

TEST_P(Tier, matmul_writes_the_first_row_of_its_first_panel_to_the_start_of_y) {
  Rng rng(9);
  for (const DType type : {DType::f16, DType::q8_0, DType::q4_1}) {
    const int n_in = 96, n_out = 37;
    const auto w = pack(type, random_blocks(rng, type, n_out, n_in), n_in, n_out);
    for (const int n_tokens : {1, 5, 16}) {
      const auto x = random_floats(rng, static_cast<std::size_t>(n_tokens * n_in));
      const auto all = product(*GetParam(), w, x, n_tokens, Epilogue::store);
      const auto rest = product(*GetParam(), w, x, n_tokens, Epilogue::store, 1);
      for (int t = 0; t < n_tokens; ++t) {
        const auto all_at = static_cast<std::size_t>(t * (n_out + 3) + kPanelRows);
        const auto rest_at = static_cast<std::size_t>(t * (n_out + 3 - kPanelRows));
        const auto width = static_cast<std::size_t>(n_out + 3 - kPanelRows);
        expect_same(std::span(rest).subspan(rest_at, width), std::span(all).subspan(all_at, width),
                    "rows");
      }
    }
  }
}

TEST_P(Tier, extreme_codes_do_not_overflow) {
  for (const DType type : kTypes) {
    if (tensor::info(type).n_block == 1) continue;
    const int n_in = 256, n_out = 16;
    for (const int fill : {0x00, 0xFF, 0x80, 0x7F}) {
      Rng rng(3);
      auto blocks = random_blocks(rng, type, n_out, n_in);
      const auto good = blocks;
      for (auto& b : blocks) b = static_cast<std::byte>(fill);
      const auto& info = tensor::info(type);
      for (std::size_t at = 0; at < blocks.size();
           at += info.block_bytes) {  // keep the finite scales
        const std::size_t d = type == DType::q6_k || type == DType::q3_k ? info.block_bytes - 2
                              : type == DType::q2_k                      ? 80
                                                                         : 0;
        const std::size_t n = type == DType::q8_0 || d + 4 > info.block_bytes ? 2 : 4;
        std::memcpy(blocks.data() + at + d, good.data() + at + d, n);
      }
      const auto w = pack(type, blocks, n_in, n_out);
      for (const float sign : {1.0F, -1.0F}) {
        const std::vector<float> x(static_cast<std::size_t>(n_in * 17), sign);
        expect_same(product(*GetParam(), w, x, 17, Epilogue::store),
                    product(reference(), w, x, 17, Epilogue::store), std::string(info.name));
      }
    }
  }
}

TEST_P(Tier, quantize_has_the_reference_bits_also_for_bad_numbers) {
  Rng rng(4);
  const int n_in = 160, n_rows = 3;
  auto x = random_floats(rng, n_in * n_rows, 10.0F);
  x[3] = std::numeric_limits<float>::quiet_NaN();
  x[40] = std::numeric_limits<float>::infinity();
  for (int i = 64; i < 96; ++i) x[static_cast<std::size_t>(i)] = 0.0F;
  for (int i = 96; i < 128; ++i) x[static_cast<std::size_t>(i)] = 1e-39F;
  const auto want = quantize(reference(), x, n_rows, n_in);
  const auto got = quantize(*GetParam(), x, n_rows, n_in);
  EXPECT_EQ(std::memcmp(want.rows.codes, got.rows.codes, n_in * n_rows), 0);
  expect_same({got.rows.scale, n_in * n_rows / 32}, {want.rows.scale, n_in * n_rows / 32}, "scale");
  expect_same({got.rows.sum, n_in * n_rows / 32}, {want.rows.sum, n_in * n_rows / 32}, "sum");
  expect_same({got.rows.negsum, n_in * n_rows / 32}, {want.rows.negsum, n_in * n_rows / 32},
              "negsum");
  expect_same({got.rows.negsum_half, n_in * n_rows / 16},
              {want.rows.negsum_half, n_in * n_rows / 16}, "half");
  EXPECT_TRUE(std::isnan(got.rows.scale[0]));
}

TEST_P(Tier, the_largest_of_a_block_gets_the_code_that_only_one_side_has) {
  for (const float sign : {1.0F, -1.0F}) {
    std::vector<float> x(32, 0.0F);
    x[5] = sign * 2.0F;
    x[20] = sign * -2.0F;  // as large, on the side that ends at 127
    x[31] = sign * 1.0F;
    const auto q = quantize(*GetParam(), x, 1, 32);
    EXPECT_EQ(q.rows.scale[0], 2.0F / -128.0F);  // a positive one is there in both cases
    const int high = sign > 0 ? 5 : 20, low = sign > 0 ? 20 : 5;
    EXPECT_EQ(q.rows.codes[high], -128);
    EXPECT_EQ(q.rows.codes[low], 127);
    EXPECT_EQ(q.rows.codes[31], sign > 0 ? -64 : 64);
  }
}

TEST_P(Tier, elementwise_kernels_have_the_reference_bits_on_every_length) {
  Rng rng(5);
  for (const int n : {0, 1, 7, 15, 16, 17, 31, 32, 64, 100}) {
    const auto x = random_floats(rng, static_cast<std::size_t>(n) + 1, 20.0F);
    const auto y = random_floats(rng, static_cast<std::size_t>(n) + 1, 2.0F);
    const auto check = [&](const char* what, auto op) {
      auto a = x, b = x;
      a.push_back(kGuard);
      b.push_back(kGuard);
      op(*GetParam(), a.data() + 1);
      op(reference(), b.data() + 1);
      expect_same(a, b, std::string(what) + " n " + std::to_string(n));
    };
    check("add", [&](const Kernels& k, float* v) { k.add(v, y.data(), n); });
    check("scale", [&](const Kernels& k, float* v) { k.scale(v, 0.3F, n); });
    check("silu", [&](const Kernels& k, float* v) { k.silu_multiply(v, y.data(), n); });
    check("gelu", [&](const Kernels& k, float* v) { k.gelu_multiply(v, y.data(), n); });
    check("gelu_exact", [&](const Kernels& k, float* v) { k.gelu_exact(v, n); });
    if (n > 0) {
      check("layer_norm", [&](const Kernels& k, float* v) {
        k.layer_norm(v, y.data(), y.data() + 1, n, 1e-6F, v);
      });
    }
    if (n > 0)
      check("rms_norm", [&](const Kernels& k, float* v) { k.rms_norm(v, y.data(), n, 1e-6F, v); });
    if (n % 2 == 0)
      check("rope", [&](const Kernels& k, float* v) { k.rope(v, y.data(), y.data() + n / 2, n); });
  }
}

TEST_P(Tier, activations_are_accurate_over_their_whole_range) {
  for (float g = -120.0F; g < 120.0F; g += 0.37F) {
    float silu[1] = {g}, gelu[1] = {g};
    const float one[1] = {1.0F};
    GetParam()->silu_multiply(silu, one, 1);
    GetParam()->gelu_multiply(gelu, one, 1);
    const double x = g;
    const double want_silu = x / (1.0 + std::exp(-x));
    const double want_gelu =
        0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
    EXPECT_NEAR(silu[0], want_silu, 4e-7 * std::abs(want_silu) + 1e-35) << g;
    EXPECT_NEAR(gelu[0], want_gelu, 2e-6 * std::abs(want_gelu) + 1e-6) << g;
  }
}

TEST_P(Tier, exact_gelu_and_layer_norm_compute_their_formulas) {
  for (float g = -40.0F; g < 40.0F; g += 0.0137F) {
    float value[1] = {g};
    GetParam()->gelu_exact(value, 1);
    EXPECT_NEAR(value[0], 0.5 * g * std::erfc(-g * M_SQRT1_2), 1e-6 + 3e-7 * std::abs(g)) << g;
  }
  std::vector<float> x = {1, 2, 3, 6}, weight = {1, 2, 1, 1}, bias = {0, 0, 10, 0};
  GetParam()->layer_norm(x.data(), weight.data(), bias.data(), 4, 0.5F, x.data());
  const double inverse = 1 / std::sqrt(3.5 + 0.5);
  const double want[] = {-2 * inverse, -2 * inverse, 10, 3 * inverse};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(x[i], want[i], 1e-6) << i;
}

/// Cache and queries of one key-value head.
struct AttentionCase {
  std::vector<std::byte> keys, values;
  std::vector<float> query;
  int head_dim;
};

std::vector<float> attend(const Kernels& kernels, const AttentionCase& c, CacheType type,
                          int n_queries, int first_position, int window) {
  std::vector<float> out(static_cast<std::size_t>(n_queries * c.head_dim), kGuard);
  const int last = first_position + n_queries, ld = (last + 15) / 16 * 16;
  std::vector<float> scores(static_cast<std::size_t>(n_queries * ld));
  AttentionTile tile{};
  tile.cache = type;
  tile.head_dim = c.head_dim;
  tile.n_queries = n_queries;
  tile.keys = c.keys.data();
  tile.values = c.values.data();
  tile.scores = scores.data();
  tile.ld_scores = ld;
  for (int q = 0; q < n_queries; ++q) {
    tile.query[q] = c.query.data() + (first_position + q) * c.head_dim;
    tile.out[q] = out.data() + q * c.head_dim;
    tile.last[q] = first_position + q + 1;
    tile.first[q] = std::max(0, tile.last[q] - window);
  }
  kernels.attention(tile);
  return out;
}

AttentionCase attention_case(const Kernels& kernels, CacheType type, int head_dim, int n) {
  Rng rng(6);
  AttentionCase c;
  c.head_dim = head_dim;
  const auto n_blocks = static_cast<std::size_t>((n + kKeyBlock - 1) / kKeyBlock);
  c.keys.resize(n_blocks * key_block_bytes(type, head_dim));
  c.values.resize(n_blocks * value_block_bytes(type, head_dim));
  c.query = random_floats(rng, static_cast<std::size_t>(n * head_dim));
  const auto kv = random_floats(rng, static_cast<std::size_t>(2 * n * head_dim), 2.0F);
  for (int i = 0; i < n; ++i) {
    kernels.store_kv(type, kv.data() + 2 * i * head_dim, kv.data() + (2 * i + 1) * head_dim, i,
                     head_dim, c.keys.data(), c.values.data());
  }
  return c;
}

TEST_P(Tier, attention_has_the_reference_bits_and_does_not_depend_on_the_tile) {
  for (const auto type : {CacheType::f16, CacheType::f32, CacheType::int8}) {
    for (const int head_dim : {16, 64, 80, 256}) {
      const int n = 75;
      const auto want_case = attention_case(reference(), type, head_dim, n);
      const auto got_case = attention_case(*GetParam(), type, head_dim, n);
      EXPECT_EQ(want_case.keys, got_case.keys);
      EXPECT_EQ(want_case.values, got_case.values);
      for (const int window : {1000, 20}) {
        for (int at = 0; at + 12 <= n; at += 21) {
          const auto want = attend(reference(), want_case, type, 12, at, window);
          expect_same(attend(*GetParam(), got_case, type, 12, at, window), want, "tile");
          const auto row = static_cast<std::size_t>(head_dim);
          expect_same(attend(*GetParam(), got_case, type, 1, at + 5, window),
                      std::span(want).subspan(5 * row, row), "alone");
        }
      }
    }
  }
}

TEST_P(Tier, int8_attention_over_segments_has_the_reference_bits) {
  const int n = 2 * kSegment + 40;
  for (const int head_dim : {64, 80, kCacheDimMax}) {
    const auto c = attention_case(reference(), CacheType::int8, head_dim, n);
    for (const int window : {100, 300, n}) {
      for (const int at : {kSegment - 6, kSegment, 2 * kSegment - 2, n - kQueryTile}) {
        const auto want = attend(reference(), c, CacheType::int8, kQueryTile, at, window);
        expect_same(attend(*GetParam(), c, CacheType::int8, kQueryTile, at, window), want, "tile");
        const auto row = static_cast<std::size_t>(head_dim);
        expect_same(attend(*GetParam(), c, CacheType::int8, 1, at + 7, window),
                    std::span(want).subspan(7 * row, row), "alone");
      }
    }
  }
}

TEST_P(Tier, int8_segments_joined_are_the_whole) {
  const int n = 3 * kSegment, head_dim = 64;
  const auto c = attention_case(*GetParam(), CacheType::int8, head_dim, n);
  const int position = n - 1, window = 2 * kSegment + 9;
  const auto want = attend(*GetParam(), c, CacheType::int8, 1, position, window);
  AttentionTile tile{};
  tile.cache = CacheType::int8;
  tile.head_dim = head_dim;
  tile.n_queries = 1;
  tile.query[0] = c.query.data() + position * head_dim;
  tile.first[0] = n - window;
  tile.last[0] = n;
  tile.keys = c.keys.data();
  tile.values = c.values.data();
  const auto stride = static_cast<std::size_t>(part_floats(head_dim));
  std::vector<float> parts(3 * stride), got(static_cast<std::size_t>(head_dim));
  for (int segment = 2; segment >= 0; --segment) {
    GetParam()->attend_segment(tile, segment,
                               parts.data() + static_cast<std::size_t>(segment) * stride, stride);
  }
  GetParam()->join_segments(parts.data(), stride, 3, head_dim, got.data());
  expect_same(got, want, "joined");
}

TEST_P(Tier, int8_attention_stays_near_that_over_the_numbers_themselves) {
  const int n = 300, head_dim = 64;
  const auto exact = attention_case(*GetParam(), CacheType::f32, head_dim, n);
  const auto rounded = attention_case(*GetParam(), CacheType::int8, head_dim, n);
  const auto want = attend(*GetParam(), exact, CacheType::f32, kQueryTile, 280, 1000);
  const auto got = attend(*GetParam(), rounded, CacheType::int8, kQueryTile, 280, 1000);
  double error = 0, power = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    power += want[i] * want[i];
  }
  EXPECT_LE(error, 1e-4 * power) << "values of 8 bits: 1 % of their size";
  EXPECT_GT(error, 0);
}

TEST_P(Tier, int8_attention_has_the_reference_bits_at_its_largest_codes) {
  const int n = kSegment + kQueryTile;
  for (const int head_dim : {64, kCacheDimMax}) {
    const auto width = static_cast<std::size_t>(head_dim);
    for (const float sign : {1.0F, -1.0F}) {
      auto c = attention_case(reference(), CacheType::int8, head_dim, n);
      std::vector<float> spike(width);  // turned, all its numbers are the largest
      spike[0] = sign;
      for (int i = 0; i < n; ++i) {
        reference().store_kv(CacheType::int8, spike.data(), spike.data(), i, head_dim,
                             c.keys.data(), c.values.data());
      }
      for (std::size_t i = 0; i < c.query.size(); ++i) c.query[i] = i % width == 0 ? 1.0F : 0.0F;
      for (const int n_queries : {1, kQueryTile}) {
        expect_same(attend(*GetParam(), c, CacheType::int8, n_queries, kSegment, n),
                    attend(reference(), c, CacheType::int8, n_queries, kSegment, n), "spikes");
      }
    }
  }
}

TEST_P(Tier, int8_rows_of_zeros_and_of_no_numbers_have_the_reference_bits) {
  const int head_dim = 32, n = 32;
  for (const float x : {0.0F, 1e-38F, std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::quiet_NaN()}) {
    auto want = attention_case(reference(), CacheType::int8, head_dim, n);
    auto got = attention_case(*GetParam(), CacheType::int8, head_dim, n);
    std::vector<float> row(head_dim, x);
    row[3] = 0.0F;
    reference().store_kv(CacheType::int8, row.data(), row.data(), 20, head_dim, want.keys.data(),
                         want.values.data());
    GetParam()->store_kv(CacheType::int8, row.data(), row.data(), 20, head_dim, got.keys.data(),
                         got.values.data());
    EXPECT_EQ(want.keys, got.keys) << x;
    EXPECT_EQ(want.values, got.values) << x;
    expect_same(attend(*GetParam(), got, CacheType::int8, 12, 5, 1000),
                attend(reference(), want, CacheType::int8, 12, 5, 1000), "what is before it");
  }
}

TEST_P(Tier, a_value_beyond_f16_is_stored_as_the_largest_and_touches_no_earlier_query) {
  const int head_dim = 64, n = 32;
  const auto infinity = std::numeric_limits<float>::infinity();
  auto want_case = attention_case(reference(), CacheType::f16, head_dim, n);
  auto got_case = attention_case(*GetParam(), CacheType::f16, head_dim, n);
  const auto store = [&](const Kernels& kernels, AttentionCase& c, int position) {
    std::vector<float> key(head_dim, 1e6F), value(head_dim, -1e6F);
    key[1] = 65519.0F, key[2] = 65520.0F, key[3] = infinity;
    value[1] = infinity, value[2] = -infinity, value[3] = -0.0F;
    kernels.store_kv(CacheType::f16, key.data(), value.data(), position, head_dim, c.keys.data(),
                     c.values.data());
  };
  for (const int position : {9, 20}) {
    store(reference(), want_case, position);
    store(*GetParam(), got_case, position);
  }
  EXPECT_EQ(want_case.keys, got_case.keys);
  EXPECT_EQ(want_case.values, got_case.values);
  const auto want = attend(reference(), want_case, CacheType::f16, 12, 5, 1000);
  const auto got = attend(*GetParam(), got_case, CacheType::f16, 12, 5, 1000);
  expect_same(got, want, "tile");
  for (const float x : got) EXPECT_TRUE(std::isfinite(x));
}

TEST(Quantized, rows_fill_exactly_the_bytes_they_ask_for) {
  for (const int n_rows : {1, 16, 17}) {
    alignas(64) std::byte memory[1];
    const auto rows = QuantizedRows::in(memory, n_rows, 96);
    const int n_halves = (n_rows + 15) / 16 * 16 * 96 / 16;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(rows.negsum_half + n_halves),
              reinterpret_cast<std::uintptr_t>(memory) + QuantizedRows::bytes(n_rows, 96));
  }
}

TEST(Packing, keeps_every_weight) {
  Rng rng(7);
  for (const DType type : kTypes) {
    const int n_in = 256, n_out = 19;
    const auto blocks = random_blocks(rng, type, n_out, n_in);
    const auto exact = pack(type, blocks, n_in, n_out, true);
    const std::size_t row_bytes = blocks.size() / n_out;
    std::vector<float> row(n_in);
    for (int i = 0; i < n_out; ++i) {
      tensor::decode_row(
          type, std::span(blocks).subspan(static_cast<std::size_t>(i) * row_bytes, row_bytes), row);
      for (int k = 0; k < n_in; ++k) {
        float packed;
        std::memcpy(&packed,
                    exact.panel(i / 16) +
                        (static_cast<std::size_t>(k) * 16 + static_cast<std::size_t>(i % 16)) * 4,
                    4);
        ASSERT_EQ(packed, row[static_cast<std::size_t>(k)]);
      }
    }
    const auto fast = pack(type, blocks, n_in, n_out);
    for (int k = 0; k < n_in; k += 37) {  // a unit vector reads one column, up to the rounding of w
                                          // = scale·(128 − zero·…)/128
      std::vector<float> unit(n_in, 0.0F);
      unit[static_cast<std::size_t>(k)] = 1.0F;
      const auto got = product(reference(), fast, unit, 1, Epilogue::store);
      const auto want = product(reference(), exact, unit, 1, Epilogue::store);
      for (int i = 0; i < n_out; ++i) {
        EXPECT_NEAR(got[static_cast<std::size_t>(i)], want[static_cast<std::size_t>(i)], 1e-4)
            << tensor::info(type).name;
      }
    }
  }
}

TEST(Packing, rows_can_be_reordered) {
  Rng rng(8);
  const auto blocks = random_blocks(rng, DType::q8_0, 16, 32);
  const StoredMatrix stored{DType::q8_0, 32, 16, blocks};
  auto reversed = allocate_packed(stored, false);
  pack_panels(stored, [](int row) { return 15 - row; }, 0, 1, reversed);
  const auto plain = pack(DType::q8_0, blocks, 32, 16);
  const auto x = random_floats(rng, 32);
  const auto a = product(reference(), plain, x, 1, Epilogue::store);
  const auto b = product(reference(), reversed, x, 1, Epilogue::store);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(a[i], b[15 - i]);
}

TEST(Dispatch, scratch_for_a_wide_matrix_does_for_every_narrower_one) {
  std::size_t narrower = 0;
  for (int n_in = kBlock; n_in <= 1 << 16; n_in += kBlock) {
    const auto n_panels = static_cast<std::size_t>(std::max(panel_group(n_in), kPanelTileMax));
    const std::size_t used = spread_bytes(n_in) * n_panels;
    ASSERT_GE(scratch_bytes(n_in), used) << n_in;
    ASSERT_GE(scratch_bytes(n_in), narrower) << n_in;
    narrower = scratch_bytes(n_in);
  }
}

TEST(Dispatch, finds_by_name_and_refuses_the_unknown) {
  EXPECT_EQ(find_kernels("")->name, available_kernels().front()->name);
  EXPECT_EQ(find_kernels("reference")->name, "reference");
  EXPECT_EQ(find_kernels("mmx"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, Tier, ::testing::ValuesIn(available_kernels()),
                         [](const auto& tier) { return std::string(tier.param->name); });

}  // namespace
}  // namespace plmm::kernel
