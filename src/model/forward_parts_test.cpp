// Sequences that share passes have the bits that each has alone, whatever joins, leaves or waits.
#include <gtest/gtest.h>

#include <cstring>

#include "model/tiny_cases.h"
#include "model/tiny_lora.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

constexpr int kSequences = 5;
constexpr int kTokens = 45;  // beyond the sliding window of the tiny models
constexpr int kChunkMax = 9;

/// One sequence among others: its cache, and the logits of all its tokens so far.
struct Sequence {
  KvCache cache;
  std::vector<text::TokenId> tokens;
  AppliedLora lora;
  std::size_t position = 0;
  std::vector<float> logits;
};

class Parts : public testing::TestWithParam<TinyCase> {
 protected:
  Parts() : tiny_(GetParam().options), bytes_(tiny_.bytes()) {}

  std::unique_ptr<Model> load(std::string_view tier, bool exact) {
    ThreadPool pool(1);
    auto model = load_bytes(bytes_, exact, pool, tier);
    EXPECT_TRUE(model) << model.error().what;
    return std::move(model).value();
  }
  std::vector<text::TokenId> tokens_of(int sequence) {
    return random_tokens(kTokens + sequence, tiny_.n_vocabulary(),
                         static_cast<std::uint64_t>(sequence));
  }
  /// The adapters of `model`: of different ranks and targets.
  void pack_adapters(const Model& model) {
    const auto& config = model.config();
    adapters_[0] = PackedLora::pack(tiny_lora(config, {.rank = 20}), model).value();
    const LoraOptions few{.rank = 3, .targets = {LoraTarget::value, LoraTarget::up}};
    adapters_[1] = PackedLora::pack(tiny_lora(config, few, 0.1F, 6), model).value();
  }
  /// None, two adapters, and one of them at another scale; then none again.
  AppliedLora lora_of(int sequence) const {
    if (sequence == 1) return {adapters_[0].get(), 0.7F};
    if (sequence == 2) return {adapters_[1].get(), 1.0F};
    if (sequence == 3) return {adapters_[0].get(), 0.2F};
    return {};
  }

  std::vector<std::vector<float>> alone(const Model& model) {
    pack_adapters(model);
    ThreadPool pool(1);
    std::vector<std::vector<float>> out;
    for (int i = 0; i < kSequences; ++i) {
      TinyRun run(model, pool, kernel::CacheType::int8);
      run.use(lora_of(i));
      const auto tokens = tokens_of(i);
      out.push_back(run.feed(tokens, static_cast<int>(tokens.size())));
    }
    return out;
  }
  std::vector<Sequence> start(const Model& model) {
    pack_adapters(model);
    const auto type = model.exact() ? kernel::CacheType::f32 : kernel::CacheType::int8;
    std::vector<Sequence> out;
    for (int i = 0; i < kSequences; ++i) {
      const int n_context = model.config().n_context - i;  // of any length up to the workspace's
      out.push_back({.cache = KvCache::create(model.config(), n_context, type).value(),
                     .tokens = tokens_of(i),
                     .lora = lora_of(i),
                     .logits = {}});
    }
    return out;
  }

  /// Some of the sequences that are not at their end, in any order, each with some tokens.
  static std::vector<std::size_t> choose(std::vector<Sequence>& sequences, Rng& rng,
                                         std::vector<SequencePart>& parts) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (sequences[i].position < sequences[i].tokens.size() && rng.below(3) > 0)
        chosen.push_back(i);
    }
    for (std::size_t i = chosen.size(); i > 1; --i) std::swap(chosen[i - 1], chosen[rng.below(i)]);
    for (const std::size_t i : chosen) {
      Sequence& one = sequences[i];
      const auto left = one.tokens.size() - one.position;
      // Half of them as in decoding, with one token.
      const auto n = rng.below(2) == 0 ? 1 : std::min<std::size_t>(left, 1 + rng.below(kChunkMax));
      parts.push_back({.cache = one.cache,
                       .tokens = std::span(one.tokens).subspan(one.position, n),
                       .position = static_cast<int>(one.position),
                       .n_logits = static_cast<int>(n),
                       .lora = one.lora});
    }
    return chosen;
  }

  /// All sequences to their ends, in passes of random parts.
  std::vector<Sequence> together(const Model& model, int n_threads, std::uint64_t seed) {
    ThreadPool pool(n_threads);
    const int n_context = model.config().n_context;
    const auto workspace =
        Workspace::create(model, kSequences * kChunkMax, n_context, n_threads).value();
    const auto width = static_cast<std::size_t>(model.config().n_vocabulary);
    auto out = start(model);
    Rng rng(seed);
    const auto unfinished = [](const Sequence& one) { return one.position < one.tokens.size(); };
    while (std::ranges::any_of(out, unfinished)) {
      std::vector<SequencePart> parts;
      const auto chosen = choose(out, rng, parts);
      if (chosen.empty()) continue;
      std::size_t n = 0;
      for (const auto& part : parts) n += part.tokens.size();
      std::vector<float> logits(n * width);
      EXPECT_TRUE(forward(model, *workspace, pool, parts, logits, Cancel()));
      auto at = logits.begin();
      for (std::size_t i = 0; i < chosen.size(); ++i) {
        const auto n_numbers = static_cast<std::ptrdiff_t>(parts[i].tokens.size() * width);
        Sequence& one = out[chosen[i]];
        one.logits.insert(one.logits.end(), at, at + n_numbers);
        one.position += parts[i].tokens.size();
        at += n_numbers;
      }
    }
    return out;
  }

  void expect_same_bits(bool exact) {
    const auto want = alone(*load("reference", exact));
    for (const auto* kernels : kernel::available_kernels()) {
      const auto model = load(kernels->name, exact);
      for (const int n_threads : {1, 2, 3}) {
        // More threads than cores take turns slowly.
        if (n_threads != 2 && kernels != kernel::available_kernels().front()) continue;
        const auto seed = static_cast<std::uint64_t>(n_threads);
        const auto got = together(*model, n_threads, seed);
        for (std::size_t i = 0; i < want.size(); ++i) {
          ASSERT_EQ(got[i].logits.size(), want[i].size());
          ASSERT_EQ(std::memcmp(got[i].logits.data(), want[i].data(), want[i].size() * 4), 0)
              << "sequence " << i << ", " << kernels->name << ", " << n_threads << " threads";
        }
      }
    }
  }

  TinyModel tiny_;
  std::string bytes_;
  std::shared_ptr<const PackedLora> adapters_[2];
};

TEST_P(Parts, of_a_pass_have_the_bits_they_have_alone) { expect_same_bits(false); }
TEST_P(Parts, of_an_exact_pass_have_the_bits_they_have_alone) { expect_same_bits(true); }

TEST_P(Parts, give_only_the_logits_that_are_wanted) {
  const auto model = load("", false);
  const auto want = alone(*model);
  ThreadPool pool(2);
  const auto workspace = Workspace::create(*model, 64, model->config().n_context, 2).value();
  auto sequences = start(*model);
  constexpr int kWanted[kSequences] = {2, 0, 1, 0, 3};
  constexpr std::size_t kFed = 7;
  std::vector<SequencePart> parts;
  for (std::size_t i = 0; i < kSequences; ++i) {
    parts.push_back({.cache = sequences[i].cache,
                     .tokens = std::span(sequences[i].tokens).first(kFed),
                     .n_logits = kWanted[i],
                     .lora = sequences[i].lora});
  }
  const auto width = static_cast<std::size_t>(model->config().n_vocabulary);
  std::vector<float> logits(6 * width);
  ASSERT_TRUE(forward(*model, *workspace, pool, parts, logits, Cancel()));
  std::size_t row = 0;
  for (std::size_t i = 0; i < kSequences; ++i) {
    for (auto t = kFed - static_cast<std::size_t>(kWanted[i]); t < kFed; ++t, ++row) {
      EXPECT_EQ(std::memcmp(&logits[row * width], &want[i][t * width], width * 4), 0) << i;
    }
  }
}

TEST_P(Parts, are_all_as_before_after_a_cancelled_pass) {
  const auto model = load("", false);
  const auto want = alone(*model);
  ThreadPool pool(2);
  const auto workspace = Workspace::create(*model, 64, model->config().n_context, 2).value();
  auto sequences = start(*model);
  const auto width = static_cast<std::size_t>(model->config().n_vocabulary);
  const auto pass = [&](std::size_t begin, std::size_t n, const Cancel& cancel) {
    std::vector<SequencePart> parts;
    for (auto& one : sequences) {
      parts.push_back({.cache = one.cache,
                       .tokens = std::span(one.tokens).subspan(begin, n),
                       .position = static_cast<int>(begin),
                       .n_logits = 1,
                       .lora = one.lora});
    }
    std::vector<float> logits(kSequences * width);
    EXPECT_EQ(forward(*model, *workspace, pool, parts, logits, cancel), !cancel.requested());
    return logits;
  };
  Cancel cancel;
  pass(0, 9, cancel);
  cancel.request();
  pass(9, 12, cancel);
  pass(9, 5, Cancel());
  const auto got = pass(14, 1, Cancel());
  for (std::size_t i = 0; i < kSequences; ++i)
    EXPECT_EQ(std::memcmp(&got[i * width], &want[i][14 * width], width * 4), 0) << i;
}

INSTANTIATE_TEST_SUITE_P(Tiny, Parts, testing::ValuesIn(tiny_cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace plmm::model
