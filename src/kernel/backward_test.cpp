// The kernels of training: every tier has the bits of reference/, and the reference has the
// gradients that finite differences in double precision show.
#include "kernel/backward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "kernel/random_panels.h"

namespace plmm::kernel {
namespace {

void expect_same(std::span<const float> a, std::span<const float> b, const std::string& where) {
  ASSERT_EQ(a.size(), b.size());
  const std::size_t i = first_difference(a, b);
  ASSERT_EQ(i, a.size()) << where << " at " << i << ": " << a[i] << " vs " << b[i];
}

class BackwardTier : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const BackwardKernels& fast() const { return *GetParam()->backward; }
  const BackwardKernels& slow() const { return *reference().backward; }
};

std::size_t u(int n) { return static_cast<std::size_t>(n); }

TEST_P(BackwardTier, product_has_the_reference_bits_for_every_shape_and_order_of_a) {
  Rng rng(1);
  for (const int n_rows : {1, 2, 7, 13, 16, 31}) {
    for (const int n_columns : {1, 8, 16, 19, 32, 45, 64}) {
      for (const int depth : {0, 1, 5, 130, 300}) {
        const bool turned = (n_rows + depth) % 2 == 0;  // a as [depth][n_rows]
        const auto a = random_floats(rng, u(n_rows * (depth + 1)));
        const auto b = random_floats(rng, u((n_columns + 3) * (depth + 1)));
        for (const auto start : {Start::zero, Start::old}) {
          std::vector<float> want(u(n_rows * (n_columns + 2)), kGuard), got = want;
          FloatProduct p{.n_rows = n_rows,
                         .n_columns = n_columns,
                         .depth = depth,
                         .a = a.data(),
                         .a_row = turned ? 1 : u(depth + 1),
                         .a_depth = turned ? u(n_rows) : 1,
                         .b = b.data(),
                         .ldb = u(n_columns + 3),
                         .c = want.data(),
                         .ldc = u(n_columns + 2),
                         .start = start};
          slow().product(p);
          p.c = got.data();
          fast().product(p);
          expect_same(got, want, std::to_string(n_rows) + " x " + std::to_string(n_columns));
        }
      }
    }
  }
}

TEST_P(BackwardTier, product_transposed_has_the_reference_bits_for_every_type) {
  Rng rng(2);
  for (const DType type : kTypes) {
    for (const int n_out : {16, 21, 150}) {
      const int n_in = tensor::info(type).n_block == 256 ? 512 : 96;
      const auto w = pack(type, random_blocks(rng, type, n_out, n_in), n_in, n_out);
      for (const int n_tokens : {1, 5, 14}) {
        const auto dy = random_floats(rng, u(n_tokens * (n_out + 1)));
        for (const auto start : {Start::zero, Start::old}) {
          std::vector<float> want(u(n_tokens * (n_in + 2)), kGuard), got = want;
          for (const int begin : {0, 32}) {
            slow().product_transposed(w, dy.data(), u(n_out + 1), n_tokens, begin, n_in - begin,
                                      want.data(), u(n_in + 2), start);
            fast().product_transposed(w, dy.data(), u(n_out + 1), n_tokens, begin, n_in - begin,
                                      got.data(), u(n_in + 2), start);
          }
          expect_same(got, want, std::string(tensor::info(type).name));
        }
      }
    }
  }
}

TEST_P(BackwardTier, row_kernels_have_the_reference_bits_on_every_length) {
  Rng rng(3);
  for (const int n : {1, 7, 16, 17, 32, 100}) {
    const auto x = random_floats(rng, u(n) + 1, 9.0F), y = random_floats(rng, u(n) + 1, 3.0F);
    const auto z = random_floats(rng, u(n) + 1);
    const auto check = [&](const char* what, auto op) {
      auto a = x, b = x;
      a.push_back(kGuard);
      b.push_back(kGuard);
      op(fast(), a.data() + 1);
      op(slow(), b.data() + 1);
      expect_same(a, b, std::string(what) + " n " + std::to_string(n));
    };
    using K = BackwardKernels;
    for (const auto start : {Start::zero, Start::old}) {
      check("rms_norm_backward", [&](const K& k, float* v) {
        k.rms_norm_backward(y.data(), z.data(), v, n, 1e-6F, start, v);
      });
    }
    for (const bool silu : {true, false}) {
      check("gate", [&](const K& k, float* v) {
        auto up = y;
        (silu ? k.silu_backward : k.gelu_backward)(v, up.data(), z.data(), n);
        v[0] += up[0];
      });
      check("up", [&](const K& k, float* v) {
        auto gate = y;
        (silu ? k.silu_backward : k.gelu_backward)(gate.data(), v, z.data(), n);
      });
    }
    check("probabilities", [&](const K& k, float* v) { k.probabilities(v, n, 2.5F, 0.7F); });
    check("sums", [&](const K& k, float* v) {
      v[0] = k.exponential_sum(x.data() + 1, n, 1.5F) + k.maximum(x.data() + 1, n);
    });
    check("transpose", [&](const K& k, float* v) { k.transpose(y.data(), u(n) + 1, 1, n, v, 1); });
    if (n % 2 == 0) {
      check("rope_backward",
            [&](const K& k, float* v) { k.rope_backward(v, y.data(), y.data() + n / 2, n); });
    }
    if (n % 16 != 0) continue;
    check("softmax", [&](const K& k, float* v) { k.softmax(v, n / 3, n - 2, 0, n); });
    check("softmax_backward", [&](const K& k, float* v) { k.softmax_backward(y.data(), v, n); });
  }
}

INSTANTIATE_TEST_SUITE_P(All, BackwardTier, ::testing::ValuesIn(available_kernels()),
                         [](const auto& tier) { return std::string(tier.param->name); });

using Vector = std::vector<double>;
/// Σ d · f(x), whose gradient by x is what a backward kernel makes of d.
using Loss = std::function<double(const Vector&)>;

void expect_gradient(const Loss& loss, const std::vector<float>& at, const float* got,
                     const char* what) {
  Vector x(at.begin(), at.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double step = 1e-5, kept = x[i];
    x[i] = kept + step;
    const double above = loss(x);
    x[i] = kept - step;
    const double below = loss(x);
    x[i] = kept;
    const double want = (above - below) / (2 * step);
    EXPECT_NEAR(got[i], want, 2e-5 * (1 + std::abs(want))) << what << " at " << i;
  }
}

TEST(Backward, rms_norm_has_the_gradient_of_its_formula) {
  Rng rng(4);
  const int n = 23;
  const auto x = random_floats(rng, n), weight = random_floats(rng, n), d = random_floats(rng, n);
  std::vector<float> got(n);
  reference().backward->rms_norm_backward(x.data(), weight.data(), d.data(), n, 1e-3F, Start::zero,
                                          got.data());
  const Loss loss = [&](const Vector& v) {
    double squares = 0, sum = 0;
    for (const double value : v) squares += value * value;
    for (std::size_t i = 0; i < n; ++i)
      sum += d[i] * v[i] / std::sqrt(squares / n + static_cast<double>(1e-3F)) * weight[i];
    return sum;
  };
  expect_gradient(loss, x, got.data(), "x");
}

TEST(Backward, gates_have_the_gradients_of_their_formulas) {
  Rng rng(5);
  const std::size_t n = 20;
  const auto gate = random_floats(rng, n, 4.0F), up = random_floats(rng, n);
  const auto d = random_floats(rng, n);
  for (const bool silu : {true, false}) {
    const auto activate = [&](double g) {
      if (silu) return g / (1 + std::exp(-g));
      return g / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (g + 0.044715 * g * g * g)));
    };
    auto by_gate = gate, by_up = up;
    const auto& k = *reference().backward;
    (silu ? k.silu_backward : k.gelu_backward)(by_gate.data(), by_up.data(), d.data(), n);
    expect_gradient(
        [&](const Vector& v) {
          double sum = 0;
          for (std::size_t i = 0; i < n; ++i) sum += d[i] * activate(v[i]) * up[i];
          return sum;
        },
        gate, by_gate.data(), "gate");
    expect_gradient(
        [&](const Vector& v) {
          double sum = 0;
          for (std::size_t i = 0; i < n; ++i) sum += d[i] * activate(gate[i]) * v[i];
          return sum;
        },
        up, by_up.data(), "up");
  }
}

TEST(Backward, softmax_has_the_gradient_of_its_formula) {
  Rng rng(6);
  const int n = 32, first = 3, last = 29;
  const auto scores = random_floats(rng, n, 3.0F), d = random_floats(rng, n);
  auto p = scores, got = d;
  const auto& k = *reference().backward;
  k.softmax(p.data(), first, last, 0, n);
  k.softmax_backward(p.data(), got.data(), n);
  const Loss loss = [&](const Vector& v) {
    double sum = 0, total = 0;
    for (std::size_t i = first; i < last; ++i) sum += std::exp(v[i]);
    for (std::size_t i = first; i < last; ++i) total += d[i] * std::exp(v[i]) / sum;
    return total;
  };
  expect_gradient(loss, scores, got.data(), "score");
}

TEST(Backward, rope_backward_turns_back) {
  Rng rng(7);
  std::vector<float> cosines, sines;
  for (int i = 0; i < 20; ++i) {
    cosines.push_back(std::cos(static_cast<float>(i)));
    sines.push_back(std::sin(static_cast<float>(i)));
  }
  const auto x = random_floats(rng, 40);
  auto turned = x;
  reference().rope(turned.data(), cosines.data(), sines.data(), 40);
  reference().backward->rope_backward(turned.data(), cosines.data(), sines.data(), 40);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_NEAR(turned[i], x[i], 1e-6);
}

TEST(Backward, product_transposed_multiplies_by_the_weights_that_matmul_has) {
  Rng rng(8);
  for (const DType type : kTypes) {
    const int n_in = 256, n_out = 48;
    auto blocks = random_blocks(rng, type, n_out, n_in);
    if (type == DType::q8_0) std::ranges::replace(blocks, std::byte{0x80}, std::byte{0x81});
    const auto fast = pack(type, blocks, n_in, n_out),
               exact = pack(type, blocks, n_in, n_out, true);
    const auto dy = random_floats(rng, n_out);
    std::vector<float> got(n_in), want(n_in);
    const auto& k = *reference().backward;
    k.product_transposed(fast, dy.data(), n_out, 1, 0, n_in, got.data(), n_in, Start::zero);
    k.product_transposed(exact, dy.data(), n_out, 1, 0, n_in, want.data(), n_in, Start::zero);
    for (std::size_t i = 0; i < n_in; ++i) {
      EXPECT_NEAR(got[i], want[i], 1e-5 * (1 + std::abs(want[i]))) << tensor::info(type).name;
    }
  }
}

}  // namespace
}  // namespace plmm::kernel
