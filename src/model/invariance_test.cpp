// A sequence has the same logits, bit for bit, however it is cut, on every tier and number of
// threads.
#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "model/tiny_cases.h"
#include "model/tiny_lora.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

constexpr int kTokens = 70;
#ifdef __SANITIZE_ADDRESS__
constexpr int kChunks[] = {1, 33};  // show wrong memory; the plain build compares the bits of all
#else
constexpr int kChunks[] = {1, 2, 5, 16, 33, 70};
#endif

class Invariance : public testing::TestWithParam<TinyCase> {
 protected:
  Invariance() : tiny_(GetParam().options), bytes_(tiny_.bytes()) {}

  /// All logits of the sequence.
  std::vector<float> run(const Model& model, int n_threads, int chunk) {
    ThreadPool pool(n_threads);
    TinyRun out(model, pool, cache_);
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
  int rank_ = 0;                                       // of an adapter; 0: none
  kernel::CacheType cache_ = kernel::CacheType::int8;  // of the fast path
};

TEST_P(Invariance, the_fast_path_gives_the_same_bits) { expect_same_bits(false); }
TEST_P(Invariance, the_exact_path_gives_the_same_bits) { expect_same_bits(true); }
TEST_P(Invariance, an_f16_cache_gives_the_same_bits) {
  cache_ = kernel::CacheType::f16;
  expect_same_bits(false);
}
TEST_P(Invariance, an_adapter_gives_the_same_bits) {
  rank_ = 20;  // more than a panel, and no whole number of them
  expect_same_bits(false);
}

INSTANTIATE_TEST_SUITE_P(Tiny, Invariance, testing::ValuesIn(tiny_cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

/// Positions of several segments, which threads share when few tokens are computed.
class DeepCache : public testing::TestWithParam<const char*> {};

TEST_P(DeepCache, gives_the_same_bits_for_every_number_of_threads_and_every_cut) {
  constexpr int kFirst = 2 * kernel::kSegment - 8, kAll = kFirst + 20;
  TinyModel tiny({.architecture = GetParam(),
                  .types = {tensor::DType::q8_0},
                  .n_heads = 6,
                  .n_kv_heads = 3,
                  .n_layers = 3,
                  .n_context = 3 * kernel::kSegment,
                  .sliding_window = kernel::kSegment + 5});
  const std::string bytes = tiny.bytes();
  const auto tokens = random_tokens(kAll, tiny.n_vocabulary(), 5);
  const auto logits = [&](std::string_view tier, int n_threads, int chunk) {
    ThreadPool pool(n_threads);
    const auto model = load_bytes(bytes, false, pool, tier).value();
    TinyRun run(*model, pool, kernel::CacheType::int8);
    run.feed(std::span(tokens).first(kFirst), kFirst);
    return run.feed(std::span(tokens).subspan(kFirst), chunk);
  };
  const auto want = logits("reference", 1, kAll);
  for (const auto* kernels : kernel::available_kernels()) {
    for (const int n_threads : {1, 2, 3}) {
      for (const int chunk : {1, 3, 6, 20}) {
        if (kernels->name == "reference" && (n_threads != 2 || chunk != 3)) continue;  // slow
        const auto got = logits(kernels->name, n_threads, chunk);
        ASSERT_EQ(got.size(), want.size());
        ASSERT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0)
            << kernels->name << ", " << n_threads << " threads, chunks of " << chunk;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Architectures, DeepCache, testing::Values("llama", "gemma3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace plmm::model
