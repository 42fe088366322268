// Probabilities against those of the naive computation, whatever is computed together.
#include "measure/scorer.h"

#include <gtest/gtest.h>

#include "infer/script_model_fixture.h"
#include "measure/naive.h"
#include "model/packed_lora.h"
#include "model/tiny_lora.h"

namespace plmm::measure {
namespace {

using text::TokenId;
using Tokens = std::vector<TokenId>;

constexpr double kTolerance = 2e-5;  // f32 exponentials of a few hundred logits

Tokens tokens_of(int n, std::uint64_t seed) { return model::random_tokens(n, 256, seed); }

/// Contexts and endings of all lengths that matter: within a block of the cache, at its border,
/// behind it, without anything that is shared, longer than a pass with logits.
std::vector<Candidates> all_kinds() {
  return {{tokens_of(7, 1), {tokens_of(3, 2), tokens_of(1, 3), tokens_of(9, 4)}},
          {tokens_of(1, 5), {tokens_of(4, 6), tokens_of(2, 7)}},
          {tokens_of(17, 8), {tokens_of(5, 9), tokens_of(5, 9)}},
          {tokens_of(16, 10), {tokens_of(6, 11)}},
          {tokens_of(40, 12), {tokens_of(20, 13), tokens_of(1, 14)}},
          {tokens_of(30, 15), {tokens_of(200, 16)}}};
}

model::TinyOptions options_of(const char* architecture) {
  model::TinyOptions out;
  out.architecture = architecture;
  out.types = {tensor::DType::q8_0, tensor::DType::f32};
  out.n_context = 256;
  return out;
}

void expect_naive(const std::vector<Candidates>& all, const std::vector<LogProbabilities>& known,
                  infer::Engine& engine, model::AppliedLora lora = {}) {
  ASSERT_EQ(known.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(known[i].size(), all[i].endings.size());
    for (std::size_t k = 0; k < all[i].endings.size(); ++k) {
      Tokens whole = all[i].context;
      whole.insert(whole.end(), all[i].endings[k].begin(), all[i].endings[k].end());
      const auto naive = naive_log_probabilities(engine, whole, all[i].context.size(), lora);
      ASSERT_EQ(known[i][k].size(), naive.size());
      for (std::size_t t = 0; t < naive.size(); ++t)
        EXPECT_NEAR(known[i][k][t], naive[t], kTolerance) << i << " " << k << " " << t;
    }
  }
}

TEST(Scorer, finds_the_probabilities_of_the_naive_computation) {
  for (const char* architecture : {"llama", "qwen2", "gemma3"}) {
    const infer::ModelFile file{model::TinyModel(options_of(architecture))};
    const auto engine = file.load(infer::on_threads(architecture[0] == 'l' ? 2 : 1));
    const auto scorer = Scorer::create({engine.get()}, 0);
    ASSERT_TRUE(scorer) << scorer.error().what;
    const auto all = all_kinds();
    std::size_t n_done = 0;
    const auto known = (*scorer)->score(all, Cancel(), [&](std::size_t n) { n_done += n; });
    ASSERT_TRUE(known) << known.error().what;
    EXPECT_EQ(n_done, all.size());
    expect_naive(all, *known, *engine);
  }
}

TEST(Scorer, gives_the_same_bits_to_each_alone) {
  const infer::ModelFile file{model::TinyModel(options_of("llama"))};
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  const auto all = all_kinds();
  const auto together = scorer->score(all, Cancel()).value();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < all[i].endings.size(); ++k) {
      const Candidates one{all[i].context, {all[i].endings[k]}};
      EXPECT_EQ(scorer->score({&one, 1}, Cancel()).value()[0][0], together[i][k]);
    }
  }
}

TEST(Scorer, measures_the_model_with_its_adapter) {
  const infer::ModelFile file{model::TinyModel(options_of("llama"))};
  const auto engine = file.load();
  const auto lora = model::tiny_lora(engine->model().config(), {.rank = 4});
  const auto packed = model::PackedLora::pack(lora, engine->model()).value();
  const auto with = std::move(Scorer::create({engine.get(), packed, 0.5F}, 0)).value();
  const auto alone = std::move(Scorer::create({engine.get()}, 0)).value();
  const auto all = all_kinds();
  const auto known = with->score(all, Cancel()).value();
  expect_naive(all, known, *engine, {packed.get(), 0.5F});
  EXPECT_NE(known, alone->score(all, Cancel()).value());
}

TEST(Scorer, refuses_what_does_not_fit_and_stops_when_told) {
  const infer::ModelFile file{model::TinyModel(options_of("llama"))};
  const auto engine = file.load();
  EXPECT_EQ(Scorer::create({engine.get()}, 257).error().code, ErrorCode::invalid_argument);
  const auto scorer = std::move(Scorer::create({engine.get()}, 20)).value();
  std::vector<Candidates> all{{tokens_of(15, 1), {tokens_of(5, 2)}}};
  EXPECT_TRUE(scorer->score(all, Cancel()));
  all.push_back({tokens_of(15, 1), {tokens_of(1, 2), tokens_of(6, 3)}});
  const auto refused = scorer->score(all, Cancel());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().what.find("text 1 has 21 tokens"), std::string::npos);
  all.resize(1);
  all[0].endings[0][0] = infer::kVocabulary;
  EXPECT_EQ(scorer->score(all, Cancel()).error().code, ErrorCode::invalid_argument);
  all[0].endings[0][0] = 1;
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(scorer->score(all, cancel).error().code, ErrorCode::cancelled);
  EXPECT_TRUE(scorer->score({}, Cancel())->empty());
}

TEST(Scorer, says_when_a_model_computes_no_numbers) {
  model::TinyModel broken(options_of("llama"));
  auto& norm = broken.tensors.at("output_norm.weight");
  auto values = norm.decoded();
  values[0] = std::numeric_limits<float>::quiet_NaN();
  norm = model::TinyTensor::of(norm.ne, values);
  const infer::ModelFile file{broken};
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  const std::vector<Candidates> all{{{1, 2}, {{3}}}};
  EXPECT_EQ(scorer->score(all, Cancel()).error().code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::measure
