// Speculation changes when an answer comes and nothing else: the same bytes with and without it.
#include "infer/speculation.h"

#include <gtest/gtest.h>

#include "infer/prefix_store.h"
#include "infer/prompt_lookup.h"
#include "infer/script_model_fixture.h"
#include "infer/session.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "model/tiny_lora.h"

namespace plmm::infer {
namespace {

using text::TokenId;
using Tokens = std::vector<TokenId>;

/// Guesses the tokens of a text that it knows, and every so often another one.
class Oracle : public Drafter {
 public:
  Oracle(Tokens text, std::uint64_t n_right) : text_(std::move(text)), n_right_(n_right) {}

  void follow(std::span<const TokenId> tokens, const Sampler&) override { at_ = tokens.size(); }
  std::optional<Guess> next(const Cancel&) override {
    if (at_ >= text_.size()) return std::nullopt;
    const TokenId right = text_[at_++];
    return Guess{rng_.below(n_right_) == 0 ? (right + 1) % 200 : right, 0};
  }
  int n_unread() const override { return 0; }
  void read(const Cancel&) override {}
  bool costs_time() const override { return false; }
  Acceptances expected() const override { return {}; }

 private:
  Tokens text_;
  std::uint64_t n_right_;  // of so many guesses about one is wrong
  std::size_t at_ = 0;
  Rng rng_{11};
};

std::unique_ptr<Speculation> verify_all(std::unique_ptr<Drafter> drafter) {
  auto out = std::make_unique<Speculation>(Speculation::Verify::all);
  out->add(std::move(drafter));
  return out;
}

SamplerOptions drawn(float temperature, std::uint64_t seed) {
  SamplerOptions out;  // with its repetition penalty
  out.temperature = temperature;
  out.top_k = 0;
  out.seed = seed;
  return out;
}

struct Heard {
  Generation generation;
  std::vector<std::string> pieces;
  Tokens held;
};

Heard listen(Session& session, std::span<const TokenId> prompt, const GenerateOptions& options) {
  Heard out;
  out.generation = session
                       .generate(
                           prompt, options,
                           [&](std::string_view text) { out.pieces.emplace_back(text); }, Cancel())
                       .value();
  out.held.assign(session.tokens().begin(), session.tokens().end());
  return out;
}

void expect_same(const Heard& got, const Heard& want) {
  EXPECT_EQ(got.generation.text, want.generation.text);
  EXPECT_EQ(got.generation.tokens, want.generation.tokens);
  EXPECT_EQ(got.generation.stop, want.generation.stop);
  EXPECT_EQ(got.pieces, want.pieces);
  EXPECT_EQ(got.held, want.held);
}

/// What a session holds behind an answer: what an Oracle knows beforehand.
Tokens with_answer(Tokens prompt, const Heard& answer) {
  prompt.insert(prompt.end(), answer.generation.tokens.begin(), answer.generation.tokens.end());
  return prompt;
}

/// Models with random weights, whose draws change with any bit of the logits.
class Lossless : public testing::TestWithParam<std::string> {
 protected:
  Lossless()
      : tiny_({.architecture = GetParam(),
               .types = {tensor::DType::q8_0, tensor::DType::q4_0},
               .n_context = 160}),
        engine_(ModelFile(tiny_).load(on_threads(2))) {}

  Session session() { return Session::create(*engine_, 0).value(); }
  Tokens prompt(int n) {
    Rng rng(4);
    Tokens out;
    for (int i = 0; i < n; ++i) out.push_back(static_cast<TokenId>(rng.below(200)));
    for (int i = 0; i < n / 2; ++i) out.push_back(out[static_cast<std::size_t>(i)]);
    return out;
  }
  Heard plain(std::span<const TokenId> prompt, const GenerateOptions& options) {
    auto one = session();
    return listen(one, prompt, options);
  }

  model::TinyModel tiny_;
  std::unique_ptr<Engine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Architectures, Lossless, testing::Values("llama", "qwen2", "gemma3"),
                         [](const auto& about) { return about.param; });

TEST_P(Lossless, with_lookup_for_any_sampler) {
  for (const float temperature : {0.0F, 0.7F, 2.0F}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      GenerateOptions options;
      options.n_tokens_max = 60;
      options.sampler = drawn(temperature, seed);
      const auto want = plain(prompt(40), options);
      auto fast = session();
      fast.use_speculation(verify_all(std::make_unique<PromptLookup>()));
      expect_same(listen(fast, prompt(40), options), want);
    }
  }
}

TEST_P(Lossless, with_guesses_that_are_right_wrong_or_both) {
  GenerateOptions options;
  options.n_tokens_max = 60;
  options.sampler = drawn(1.5F, 5);
  const auto begin = prompt(30);
  const auto want = plain(begin, options);
  const Tokens text = with_answer(begin, want);
  for (const std::uint64_t n_right : {1U, 2U, 3U, 7U, 1'000'000U}) {
    auto fast = session();
    fast.use_speculation(verify_all(std::make_unique<Oracle>(text, n_right)));
    const auto got = listen(fast, begin, options);
    expect_same(got, want);
    EXPECT_GT(got.generation.n_proposed, 0);
    EXPECT_LE(got.generation.n_accepted, got.generation.n_proposed);
    if (n_right == 1) {
      EXPECT_EQ(got.generation.n_accepted, 0);
    }
    if (n_right == 1'000'000) {
      EXPECT_EQ(got.generation.n_accepted, got.generation.n_proposed);
    }
  }
}

TEST_P(Lossless, up_to_the_last_token_of_the_context) {
  GenerateOptions options;
  options.n_tokens_max = 1000;
  options.sampler = drawn(0.0F, 0);
  const auto begin = prompt(80);
  const auto want = plain(begin, options);
  const Tokens text = with_answer(begin, want);
  auto fast = session();
  fast.use_speculation(verify_all(std::make_unique<Oracle>(text, 5)));
  expect_same(listen(fast, begin, options), want);
}

TEST_P(Lossless, for_every_limit_of_tokens) {
  const auto begin = prompt(20);
  for (int n = 1; n < 24; ++n) {
    GenerateOptions options;
    options.n_tokens_max = n;
    options.sampler = drawn(1.0F, 8);
    const auto want = plain(begin, options);
    const Tokens text = with_answer(begin, want);
    auto fast = session();
    fast.use_speculation(verify_all(std::make_unique<Oracle>(text, 9)));
    expect_same(listen(fast, begin, options), want);
  }
}

TEST_P(Lossless, in_a_conversation_that_goes_on_and_in_one_that_turns_back) {
  GenerateOptions options;
  options.n_tokens_max = 20;
  options.sampler = drawn(1.0F, 3);
  auto slow = session(), fast = session();
  fast.use_speculation(verify_all(std::make_unique<PromptLookup>()));
  Tokens text = prompt(20);
  for (int turn = 0; turn < 4; ++turn) {
    const auto want = listen(slow, text, options);
    const auto got = listen(fast, text, options);
    expect_same(got, want);
    EXPECT_EQ(got.generation.n_prompt_reused, want.generation.n_prompt_reused);
    text.insert(text.end(), want.generation.tokens.begin(), want.generation.tokens.end());
    text.push_back(7);
    if (turn == 2) text.resize(25);
  }
}

TEST_P(Lossless, with_an_adapter_and_a_store_of_prefixes) {
  const auto& model = engine_->model();
  const auto adapter =
      model::PackedLora::pack(model::tiny_lora(model.config(), {.rank = 4}, 0.5F), model).value();
  GenerateOptions options;
  options.n_tokens_max = 40;
  options.sampler = drawn(1.0F, 6);
  const auto run = [&](bool speculate) {
    auto store =
        PrefixStore::create(*engine_, {adapter.get(), 1.0F}, {.memory_bytes_max = 1 << 22}, nullptr)
            .value();
    std::vector<Heard> out;
    for (int i = 0; i < 3; ++i) {  // each in a session of its own: the states come from the store
      auto one = session();
      one.set_adapter(adapter);
      one.use_prefixes(store);
      if (speculate) one.use_speculation(verify_all(std::make_unique<PromptLookup>()));
      auto text = prompt(40);
      text.push_back(i);
      out.push_back(listen(one, text, options));
    }
    return out;
  };
  const auto want = run(false);
  const auto got = run(true);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    expect_same(got[i], want[i]);
    EXPECT_EQ(got[i].generation.n_prompt_reused, want[i].generation.n_prompt_reused);
  }
  EXPECT_GT(got[2].generation.n_prompt_reused, 0);
}

TEST_P(Lossless, when_stopped_after_any_piece) {
  GenerateOptions options;
  options.n_tokens_max = 30;
  options.sampler = drawn(1.0F, 2);
  const auto begin = prompt(20);
  const auto whole = plain(begin, options);
  Tokens text = begin;
  text.insert(text.end(), whole.generation.tokens.begin(), whole.generation.tokens.end());
  const auto stop_after = [&](Session& one, std::size_t n) {
    Cancel cancel;
    Heard out;
    const auto hear = [&](std::string_view piece) {
      out.pieces.emplace_back(piece);
      if (out.pieces.size() == n) cancel.request();
    };
    out.generation = one.generate(begin, options, hear, cancel).value();
    out.held.assign(one.tokens().begin(), one.tokens().end());
    return out;
  };
  for (std::size_t n = 1; n < whole.pieces.size(); ++n) {
    auto slow = session(), fast = session();
    fast.use_speculation(verify_all(std::make_unique<Oracle>(text, 6)));
    const auto want = stop_after(slow, n);
    expect_same(stop_after(fast, n), want);
    EXPECT_EQ(want.generation.stop, StopReason::cancelled);
    expect_same(listen(fast, begin, options), whole);
  }
}

TEST_P(Lossless, under_the_gate) {
  GenerateOptions options;
  options.n_tokens_max = 100;
  options.sampler = drawn(0.0F, 0);
  options.sampler.repeat_penalty = 1;
  const auto want = plain(prompt(30), options);
  auto fast = session();
  auto speculation = std::make_unique<Speculation>();
  speculation->add(std::make_unique<PromptLookup>());
  fast.use_speculation(std::move(speculation));
  for (int i = 0; i < 3; ++i) {
    fast.clear();
    expect_same(listen(fast, prompt(30), options), want);
  }
}

/// On a model that writes a text known beforehand.
Heard scripted(std::string_view prompt, const GenerateOptions& options, std::string_view guessed) {
  model::TinyModel tiny(script_options());
  write_script(tiny, script("abcdefgh"));
  const auto engine = ModelFile(tiny).load();
  auto session = Session::create(*engine, 0).value();
  const auto ids = [](std::string_view text) {
    Tokens out;
    for (const char letter : text) out.push_back(byte(letter));
    return out;
  };
  auto text = ids(guessed);
  text.push_back(kEnd);
  text.push_back(byte('x'));
  session.use_speculation(verify_all(std::make_unique<Oracle>(text, 1'000'000)));
  return listen(session, ids(prompt), options);
}

TEST(Speculation, ends_with_an_end_token_that_was_guessed) {
  GenerateOptions options;
  options.sampler = greedy();
  const auto got = scripted("a", options, "abcdefgh");
  EXPECT_EQ(got.generation.text, "bcdefgh");
  EXPECT_EQ(got.generation.stop, StopReason::end_of_turn);
  EXPECT_EQ(got.held.size(), 8U);
}

TEST(Speculation, ends_at_a_stop_text_inside_the_guesses) {
  GenerateOptions options;
  options.sampler = greedy();
  options.stop = {"de"};
  const auto got = scripted("a", options, "abcdefgh");
  EXPECT_EQ(got.generation.text, "bc");
  EXPECT_EQ(got.generation.stop, StopReason::stop_text);
  EXPECT_EQ(got.pieces, (std::vector<std::string>{"b", "c"}));
}

TEST(Speculation, needs_fewer_passes_than_tokens_where_guesses_are_right) {
  GenerateOptions options;
  options.sampler = greedy();
  const auto got = scripted("a", options, "abcdefgh");
  EXPECT_EQ(got.generation.n_accepted, 6) << "c to h; b was known from the prompt";
}

}  // namespace
}  // namespace plmm::infer
