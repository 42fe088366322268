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
constexpr int kChunks[] = {1, 2, 5, 16, 33, 70};

class Invariance : public testing::TestWithParam<TinyCase> {
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

INSTANTIATE_TEST_SUITE_P(Tiny, Invariance, testing::ValuesIn(tiny_cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace plmm::model
