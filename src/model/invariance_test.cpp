// A sequence has the same logits, bit for bit, however it is cut, on every tier and number of
// threads.
#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <utility>

#include "model/tiny_lora.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

using tensor::DType;

constexpr int kTokens = 70;
constexpr int kChunks[] = {1, 2, 5, 16, 33, 70};

struct Case {
  const char* name;
  TinyOptions options;
};
void PrintTo(const Case& instance, std::ostream* out) { *out << instance.name; }

std::vector<Case> cases() {
  return {
      {"llama",
       {.types = {DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1, DType::q8_0},
        .head = Head::untied}},
      {"k_quants",
       {.types = {DType::q2_k, DType::q3_k, DType::q4_k, DType::q5_k, DType::q6_k},
        .n_embd = 256,
        .head_dim = 64,
        .n_ff = 512}},
      {"qwen2",
       {.architecture = "qwen2",
        .types = {DType::f16, DType::bf16, DType::f32},
        .n_embd = 96,
        .n_heads = 6,
        .n_ff = 160}},
      {"float_beside_quantised", {.types = {DType::q8_0, DType::f16}}},
      {"qwen3",
       {.architecture = "qwen3",
        .types = {DType::q8_0, DType::q5_1},
        .n_kv_heads = 1,
        .head_dim = 32}},
      {"gemma3",
       {.architecture = "gemma3",
        .types = {DType::q5_0, DType::q8_0},
        .n_embd = 96,
        .n_kv_heads = 1,
        .head_dim = 32,
        .n_layers = 7}},
  };
}

class Invariance : public testing::TestWithParam<Case> {
 protected:
  Invariance() : tiny_(GetParam().options), bytes_(tiny_.bytes()) {}

  /// All logits of the sequence.
  std::vector<float> run(const Model& model, int n_threads, int chunk) {
    ThreadPool pool(n_threads);
    TinyRun out(model, pool);
    std::shared_ptr<const PackedLora> packed;
    if (rank_ > 0) {
      packed = PackedLora::pack(tiny_lora(model.config(), {.rank = rank_}), model).value();
      out.use({packed.get(), 0.7F});
    }
    return out.feed(random_tokens(kTokens, tiny_.n_vocabulary(), 11), chunk);
  }
  std::unique_ptr<Model> load(std::string_view tier, bool exact) {
    ThreadPool pool(1);
    auto model = load_bytes(bytes_, exact, pool, tier);
    EXPECT_TRUE(model) << model.error().what;
    return std::move(model).value();
  }

  void expect_same_bits(bool exact) {
    const auto want = run(*load("reference", exact), 1, kTokens);
    ASSERT_EQ(want.size(), static_cast<std::size_t>(kTokens * tiny_.n_vocabulary()));
    const std::string_view best = kernel::available_kernels().front()->name;
    for (const auto* kernels : kernel::available_kernels()) {
      const auto model = load(kernels->name, exact);
      for (const int n_threads : {1, 2, 3}) {
        for (const int chunk : kChunks) {
          // More threads than cores take turns slowly, so only the best tier goes through it all.
          if (n_threads > 1 && chunk != 33 && (kernels->name != best || chunk == 2)) continue;
          if (n_threads > 2 && chunk < 5) continue;
          const auto got = run(*model, n_threads, chunk);
          ASSERT_EQ(got.size(), want.size());
          ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0)
              << kernels->name << ", " << n_threads << " threads, chunks of " << chunk;
        }
      }
    }
  }

 private:
  TinyModel tiny_;
  std::string bytes_;

 protected:
  int rank_ = 0;  // of an adapter; 0: none
};

TEST_P(Invariance, the_fast_path_gives_the_same_bits) { expect_same_bits(false); }
TEST_P(Invariance, the_exact_path_gives_the_same_bits) { expect_same_bits(true); }
TEST_P(Invariance, an_adapter_gives_the_same_bits) {
  rank_ = 20;  // more than a panel, and no whole number of them
  expect_same_bits(false);
}

INSTANTIATE_TEST_SUITE_P(Tiny, Invariance, testing::ValuesIn(cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace plmm::model
