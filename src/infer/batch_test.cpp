// Sequences in a batch say what each would say alone; who waits, who is served and who ends.
#include "infer/batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "infer/prefix_store.h"
#include "infer/script_model_fixture.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "model/tiny_lora.h"

namespace plmm::infer {
namespace {

using text::TokenId;

std::vector<TokenId> bytes_of(std::string_view letters) {
  std::vector<TokenId> out;
  for (const char letter : letters) out.push_back(byte(letter));
  return out;
}

std::vector<TokenId> random_prompt(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<TokenId> out(n);
  for (TokenId& id : out) id = static_cast<TokenId>(rng.below(256));
  return out;
}

/// Somebody who asks: what came back.
struct Asker {
  std::string streamed;
  std::optional<Result<Generation>> end;
  Cancel cancel;

  BatchRequest request(std::vector<TokenId> prompt, const GenerateOptions& options) {
    BatchRequest out;
    out.prompt = std::move(prompt);
    out.options = options;
    out.on_text = [this](std::string_view text) { streamed += text; };
    out.on_end = [this](Result<Generation> answer) {
      EXPECT_FALSE(end.has_value()) << "told twice";
      end = std::move(answer);
    };
    out.cancel = &cancel;
    return out;
  }
};

std::unique_ptr<Batch> batch_of(Engine& engine, const BatchLimits& limits = {}) {
  auto out = Batch::create(engine, limits);
  EXPECT_TRUE(out) << out.error().what;
  return std::move(out).value();
}

void run_to_end(Batch& batch) {
  while (batch.step(Cancel())) {
  }
  EXPECT_EQ(batch.n_running() + batch.n_waiting(), 0);
  EXPECT_EQ(batch.cache_bytes(), 0U);
}

GenerateOptions drawn(int n_tokens_max, std::uint64_t seed) {
  GenerateOptions out;
  out.n_tokens_max = n_tokens_max;
  out.sampler.temperature = 2.0F;  // the draws change with any bit of the logits
  out.sampler.top_k = 0;
  out.sampler.seed = seed;
  return out;
}

struct Case {
  const char* name;
  model::TinyOptions options;
};
void PrintTo(const Case& instance, std::ostream* out) { *out << instance.name; }

/// Random weights, random askers that come and go.
class Company : public testing::TestWithParam<Case> {
 protected:
  static constexpr std::size_t kAskers = 12;
  static constexpr std::uint64_t kStay = 99;  // tokens after which an asker leaves: never

  /// What an asker wants, and after how many pieces of text it goes away.
  struct Wish {
    std::vector<TokenId> prompt;
    GenerateOptions options;
    int adapter = 0;
    std::uint64_t n_tokens_stay = kStay;
    int step = 0;  // at which it comes
  };

  void load(int n_threads) {
    const model::TinyModel tiny(GetParam().options);
    engine_ = ModelFile(tiny).load(on_threads(n_threads));
    const auto& model = engine_->model();
    for (std::size_t i = 0; i < 2; ++i) {
      const auto adapter = model::tiny_lora(model.config(), {.rank = 4}, 0.3F, i + 1);
      adapters_[i + 1] = model::PackedLora::pack(adapter, model).value();
    }
  }
  static Wish wish(Rng& rng) {
    Wish out;
    out.prompt = random_prompt(1 + rng.below(60), rng.below(1000));
    out.options = drawn(1 + static_cast<int>(rng.below(25)), rng.below(1000));
    if (rng.below(3) == 0) out.options.sampler.temperature = 0;
    if (rng.below(3) == 0) out.options.stop = {"a", "e"};
    out.adapter = static_cast<int>(rng.below(3));
    if (rng.below(4) == 0) out.n_tokens_stay = rng.below(6);
    out.step = static_cast<int>(rng.below(30));
    return out;
  }
  /// The answer that a session gives when nobody else is there.
  Generation alone(const Wish& wish) {
    auto session = Session::create(*engine_, 100).value();
    session.set_adapter(adapters_[wish.adapter], 0.8F);
    return session.generate(wish.prompt, wish.options, nullptr, Cancel()).value();
  }
  void expect_as_alone(const Wish& wish, const Asker& asker) {
    ASSERT_TRUE(asker.end.has_value());
    ASSERT_TRUE(*asker.end) << asker.end->error().what;
    const Generation& got = **asker.end;
    const Generation want = alone(wish);
    EXPECT_EQ(asker.streamed, got.text);
    EXPECT_EQ(got.n_prompt, want.n_prompt);
    if (got.stop == StopReason::cancelled) {
      ASSERT_LE(got.tokens.size(), want.tokens.size());
      EXPECT_TRUE(std::equal(got.tokens.begin(), got.tokens.end(), want.tokens.begin()));
    } else {
      EXPECT_EQ(got.tokens, want.tokens);
      EXPECT_EQ(got.text, want.text);
      EXPECT_EQ(got.stop, want.stop);
    }
  }

  std::unique_ptr<Engine> engine_;
  std::shared_ptr<const model::PackedLora> adapters_[3];
};

TEST_P(Company, changes_no_byte_of_an_answer) {
  for (const int n_threads : {1, 2, 3}) {
    load(n_threads);
    Rng rng(static_cast<std::uint64_t>(n_threads));
    const auto batch = batch_of(*engine_, {.n_sequences_max = 3 + n_threads,
                                           .n_context = 100,
                                           .n_rows_max = 8 * n_threads,
                                           .n_prompt_rows_max = 5});
    std::vector<Wish> wishes;
    for (std::size_t i = 0; i < kAskers; ++i) wishes.push_back(wish(rng));
    std::vector<Asker> askers(kAskers);
    int step = 0;
    for (bool busy = true; busy || step < 30; ++step) {
      for (std::size_t i = 0; i < kAskers; ++i) {
        if (wishes[i].step != step) continue;
        auto request = askers[i].request(wishes[i].prompt, wishes[i].options);
        request.adapter = adapters_[wishes[i].adapter];
        request.adapter_scale = 0.8F;
        ASSERT_TRUE(batch->add(std::move(request)));
      }
      busy = batch->step(Cancel());
      for (std::size_t i = 0; i < kAskers; ++i) {
        if (askers[i].streamed.size() > wishes[i].n_tokens_stay) askers[i].cancel.request();
      }
    }
    std::size_t n_tokens = 0;
    for (std::size_t i = 0; i < kAskers; ++i) {
      SCOPED_TRACE(testing::Message() << "asker " << i << ", " << n_threads << " threads");
      expect_as_alone(wishes[i], askers[i]);
      n_tokens += askers[i].end->value().tokens.size();
    }
    EXPECT_GT(n_tokens, 5 * kAskers) << "or nothing was compared";
    EXPECT_EQ(batch->cache_bytes(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tiny, Company,
    testing::Values(
        Case{"llama", {.types = {tensor::DType::q8_0, tensor::DType::q4_0}}},
        Case{"qwen2", {.architecture = "qwen2", .types = {tensor::DType::q5_0}, .n_embd = 96}},
        Case{"qwen3", {.architecture = "qwen3", .types = {tensor::DType::q8_0}, .n_kv_heads = 1}},
        Case{"gemma3", {.architecture = "gemma3", .types = {tensor::DType::q8_0}, .n_layers = 7}}),
    [](const auto& instance) { return std::string(instance.param.name); });

/// A model that writes `text` after its first letter.
std::unique_ptr<Engine> scripted(std::string_view text, int n_context = 64) {
  model::TinyModel tiny(script_options(n_context));
  write_script(tiny, script(text));
  return ModelFile(tiny).load();
}

GenerateOptions at_most(int n_tokens_max) {
  GenerateOptions out;
  out.sampler = greedy();
  out.n_tokens_max = n_tokens_max;
  return out;
}

TEST(Batch, has_those_wait_in_order_who_find_no_place) {
  const auto engine = scripted("abcdef");
  const auto batch = batch_of(*engine, {.n_sequences_max = 1, .n_waiting_max = 2});
  Asker first, second, third;
  ASSERT_TRUE(batch->add(first.request(bytes_of("a"), at_most(3))));
  batch->step(Cancel());
  ASSERT_TRUE(batch->add(second.request(bytes_of("c"), at_most(2))));
  ASSERT_TRUE(batch->add(third.request(bytes_of("e"), at_most(1))));
  const auto refused = batch->add(Asker().request(bytes_of("a"), at_most(1)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(refused.error().what.find("2 wait already"), std::string::npos);
  std::string order;
  for (bool busy = true; busy;) {
    busy = batch->step(Cancel());
    EXPECT_LE(batch->n_running(), 1);
    if (first.end && order.empty()) order += "1";
    if (second.end && order == "1") order += "2";
    if (third.end && order == "12") order += "3";
  }
  EXPECT_EQ(order, "123");
  EXPECT_EQ(first.streamed + second.streamed + third.streamed, "bcddef");
}

TEST(Batch, keeps_the_memory_of_all_caches_within_its_limit) {
  const auto engine = scripted("abcdef");
  const auto& config = engine->model().config();
  const auto bytes = model::KvCache::bytes(config, 16, engine->cache_type());
  const auto batch = batch_of(*engine, {.cache_bytes_max = 2 * bytes});
  std::vector<Asker> askers(4);
  for (Asker& one : askers) ASSERT_TRUE(batch->add(one.request(bytes_of("xa"), at_most(14))));
  while (batch->step(Cancel())) {
    EXPECT_LE(batch->n_running(), 2);
    EXPECT_LE(batch->cache_bytes(), 2 * bytes);
  }
  for (const Asker& one : askers) EXPECT_EQ(one.streamed, "bcdef");
  const auto refused = batch->add(askers[0].request(bytes_of("xa"), at_most(40)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(refused.error().what.find("shorter answer"), std::string::npos);
}

TEST(Batch, refuses_what_cannot_be) {
  const auto engine = scripted("abc", 8);
  const auto batch = batch_of(*engine);
  const auto code = [&](std::vector<TokenId> prompt) {
    const auto got = batch->add(Asker().request(std::move(prompt), at_most(1)));
    return got ? std::optional<ErrorCode>() : got.error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({-1}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({271}), ErrorCode::invalid_argument);
  EXPECT_EQ(code(std::vector<TokenId>(9, 1)), ErrorCode::invalid_argument);
  EXPECT_FALSE(batch->step(Cancel()));
  for (const BatchLimits& limits :
       {BatchLimits{.n_sequences_max = 0}, BatchLimits{.n_context = 9},
        BatchLimits{.n_rows_max = 0}, BatchLimits{.n_prompt_rows_max = 0},
        BatchLimits{.n_waiting_max = -1}}) {
    const auto got = Batch::create(*engine, limits);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::invalid_argument);
  }
}

TEST(Batch, lets_nobody_stall_while_a_long_prompt_is_read) {
  const auto engine = scripted("abcdefghijklmnop", 128);
  const auto batch = batch_of(*engine, {.n_prompt_rows_max = 10});
  Asker answering, reading;
  ASSERT_TRUE(batch->add(answering.request(bytes_of("a"), at_most(16))));
  batch->step(Cancel());
  auto prompt = std::vector<TokenId>(99, byte('x'));
  prompt.push_back(byte('a'));
  ASSERT_TRUE(batch->add(reading.request(prompt, at_most(1))));
  for (std::size_t n = 2; n <= 11; ++n) {
    EXPECT_FALSE(reading.end.has_value()) << "100 tokens in tens";
    batch->step(Cancel());
    EXPECT_EQ(answering.streamed.size(), n) << "a token in each pass";
  }
  EXPECT_EQ(reading.streamed, "b");
}

TEST(Batch, a_short_prompt_is_not_kept_by_a_long_one) {
  const auto engine = scripted("abc", 128);
  const auto batch = batch_of(*engine, {.n_rows_max = 16});
  Asker slow, quick;
  auto prompt = std::vector<TokenId>(99, byte('x'));
  ASSERT_TRUE(batch->add(slow.request(prompt, at_most(1))));
  ASSERT_TRUE(batch->add(quick.request(bytes_of("a"), at_most(1))));
  batch->step(Cancel());
  EXPECT_TRUE(quick.end.has_value());
  EXPECT_FALSE(slow.end.has_value());
  run_to_end(*batch);
  EXPECT_TRUE(slow.end.has_value());
}

TEST(Batch, serves_all_in_turn_when_a_pass_is_too_small_for_them) {
  const auto engine = scripted("abcdefghijklmnop", 128);
  const auto batch = batch_of(*engine, {.n_rows_max = 2});
  std::vector<Asker> askers(5);
  for (Asker& one : askers) ASSERT_TRUE(batch->add(one.request(bytes_of("a"), at_most(15))));
  for (int i = 0; i < 30; ++i) {
    batch->step(Cancel());
    const auto by_length = [](const Asker& a, const Asker& b) {
      return a.streamed.size() < b.streamed.size();
    };
    const auto [least, most] = std::ranges::minmax_element(askers, by_length);
    EXPECT_LE(most->streamed.size() - least->streamed.size(), 1U);
  }
  EXPECT_EQ(askers.front().streamed.size(), 12U);
}

TEST(Batch, an_error_of_a_sequence_ends_only_that_one) {
  model::TinyModel tiny(script_options());
  write_script(tiny, script("abcdef"));
  // Whoever reads a q computes what is not a number.
  const float bad = std::numeric_limits<float>::quiet_NaN();
  const auto row = static_cast<std::size_t>(byte('q')) * 128 * sizeof(float);
  std::memcpy(tiny.tensors.at("token_embd.weight").bytes.data() + row, &bad, sizeof bad);
  const auto engine = ModelFile(tiny).load();
  const auto batch = batch_of(*engine);
  Asker well, ill, other;
  ASSERT_TRUE(batch->add(well.request(bytes_of("xa"), at_most(20))));
  ASSERT_TRUE(batch->add(ill.request(bytes_of("qa"), at_most(20))));
  ASSERT_TRUE(batch->add(other.request(bytes_of("c"), at_most(20))));
  run_to_end(*batch);
  ASSERT_TRUE(ill.end.has_value());
  ASSERT_FALSE(*ill.end);
  EXPECT_EQ(ill.end->error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(well.streamed, "bcdef");
  EXPECT_EQ(other.streamed, "def");
}

TEST(Batch, a_cancelled_sequence_keeps_its_text_and_the_others_go_on) {
  const auto engine = scripted("abcdef");
  const auto batch = batch_of(*engine, {.n_sequences_max = 2});
  Asker leaving, staying, waiting;
  ASSERT_TRUE(batch->add(leaving.request(bytes_of("a"), at_most(20))));
  ASSERT_TRUE(batch->add(staying.request(bytes_of("a"), at_most(20))));
  ASSERT_TRUE(batch->add(waiting.request(bytes_of("a"), at_most(20))));
  batch->step(Cancel());
  batch->step(Cancel());
  leaving.cancel.request();
  waiting.cancel.request();
  run_to_end(*batch);
  EXPECT_EQ(leaving.end->value().stop, StopReason::cancelled);
  EXPECT_EQ(leaving.end->value().text, "bc");
  EXPECT_EQ(waiting.end->value().stop, StopReason::cancelled);
  EXPECT_EQ(waiting.end->value().text, "");
  EXPECT_EQ(staying.end->value().text, "bcdef");
}

TEST(Batch, a_cancelled_pass_is_done_again) {
  const auto engine = scripted("abcdef");
  const auto batch = batch_of(*engine);
  Asker one;
  ASSERT_TRUE(batch->add(one.request(bytes_of("xa"), at_most(20))));
  Cancel cancel;
  cancel.request();
  EXPECT_TRUE(batch->step(cancel));
  batch->step(Cancel());
  EXPECT_EQ(one.streamed, "b");
  EXPECT_TRUE(batch->step(cancel));
  run_to_end(*batch);
  EXPECT_EQ(one.streamed, "bcdef");
}

TEST(Batch, may_be_asked_from_within_an_answer) {
  const auto engine = scripted("abcdef");
  const auto batch = batch_of(*engine, {.n_sequences_max = 1});
  Asker first, second;
  auto request = first.request(bytes_of("d"), at_most(20));
  request.on_end = [&](const Result<Generation>&) {
    EXPECT_TRUE(batch->add(second.request(bytes_of("a"), at_most(20))));
  };
  ASSERT_TRUE(batch->add(std::move(request)));
  run_to_end(*batch);
  EXPECT_EQ(first.streamed, "ef");
  EXPECT_EQ(second.streamed, "bcdef");
}

TEST(Batch, takes_what_was_read_before_from_the_prefixes) {
  const model::TinyModel tiny({.types = {tensor::DType::q8_0}, .n_context = 128});
  const auto engine = ModelFile(tiny).load();
  const std::shared_ptr<PrefixStore> prefixes =
      PrefixStore::create(*engine, {}, {.memory_bytes_max = 1 << 20, .folder = {}}, nullptr)
          .value();
  const auto batch = batch_of(*engine);
  const auto options = drawn(20, 3);
  std::string texts[2];
  int n_reused[2] = {};
  for (int i = 0; i < 2; ++i) {
    Asker one;
    auto request = one.request(random_prompt(60, 1), options);
    request.prefixes = prefixes;
    ASSERT_TRUE(batch->add(std::move(request)));
    run_to_end(*batch);
    texts[i] = one.streamed;
    n_reused[i] = one.end->value().n_prompt_reused;
  }
  EXPECT_EQ(n_reused[0], 0);
  EXPECT_GE(n_reused[1], 48);
  EXPECT_EQ(texts[1], texts[0]);
}

}  // namespace
}  // namespace plmm::infer
