// Sessions on models whose answers are known beforehand.
#include "infer/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "infer/script_model_fixture.h"
#include "model/model.h"
#include "model/packed_lora.h"
#include "model/tiny_lora.h"

namespace plmm::infer {
namespace {

using text::TokenId;
using Texts = std::vector<std::string>;

/// An engine that writes `text`, and a session on it.
struct Scripted {
  explicit Scripted(std::string_view text, int n_context = 64)
      : tiny(script_options(n_context)), engine(load(text)), session(make_session()) {}

  std::unique_ptr<Engine> load(std::string_view text) {
    write_script(tiny, script(text));
    return ModelFile(tiny).load();
  }
  Session make_session() { return Session::create(*engine, 0).value(); }

  Result<Generation> generate(std::string_view prompt, GenerateOptions options = {}) {
    std::vector<TokenId> tokens;
    for (const char letter : prompt) tokens.push_back(byte(letter));
    options.sampler = greedy();
    const auto keep = [&](std::string_view piece) { streamed.emplace_back(piece); };
    return session.generate(tokens, options, keep, Cancel());
  }

  model::TinyModel tiny;
  std::unique_ptr<Engine> engine;
  Session session;
  Texts streamed;
};

GenerateOptions at_most(int n_tokens_max, Texts stop = {}) {
  GenerateOptions out;
  out.n_tokens_max = n_tokens_max;
  out.stop = std::move(stop);
  return out;
}

TEST(Session, answers_until_the_end_of_the_turn) {
  Scripted s("abcdef");
  const auto got = s.generate("xa").value();
  EXPECT_EQ(got.text, "bcdef");
  EXPECT_EQ(got.stop, StopReason::end_of_turn);
  EXPECT_EQ(got.n_prompt, 2);
  EXPECT_EQ(got.n_prompt_reused, 0);
  EXPECT_EQ(got.tokens.size(), 5U);
  EXPECT_EQ(s.streamed, (Texts{"b", "c", "d", "e", "f"}));
  EXPECT_EQ(s.session.tokens().size(), 7U);
}

TEST(Session, an_adapter_changes_what_is_computed_and_goes_again) {
  Scripted s("abcdef");
  const std::vector<TokenId> prompt{byte('x'), byte('a'), byte('b')};
  const auto logits = [&] {
    std::vector<float> out;
    EXPECT_TRUE(s.session.score(prompt, [&](int, std::span<const float> row) {
      out.insert(out.end(), row.begin(), row.end());
    }));
    return out;
  };
  const auto alone = logits();
  const auto& model = s.engine->model();
  const auto adapter =
      model::PackedLora::pack(model::tiny_lora(model.config(), {.rank = 4}, 0.5F), model);
  ASSERT_TRUE(adapter) << adapter.error().what;
  s.session.set_adapter(*adapter);
  EXPECT_TRUE(s.session.tokens().empty());  // keys and values were the model's alone
  const auto full = logits();
  s.session.set_adapter(*adapter, 0.5F);
  const auto half = logits();
  s.session.set_adapter(nullptr);
  EXPECT_NE(full, alone);
  EXPECT_NE(half, full);
  EXPECT_EQ(logits(), alone);
}

TEST(Session, stops_at_the_most_tokens_asked_for) {
  Scripted s("abcdef");
  const auto got = s.generate("a", at_most(2)).value();
  EXPECT_EQ(got.text, "bc");
  EXPECT_EQ(got.stop, StopReason::length);
}

TEST(Session, begins_its_answer_at_once_after_its_certainty) {
  Scripted s("abcdef");
  const std::vector<TokenId> prompt{byte('x'), byte('a')};
  const double sure = s.session.certainty(prompt, 16, Cancel()).value();
  EXPECT_GT(sure, 0.0);
  EXPECT_LE(sure, 1.0);
  // The prompt is still there for the answer.
  const auto got = s.generate("xa").value();
  EXPECT_EQ(got.text, "bcdef");
  EXPECT_EQ(got.n_prompt_reused, 1);
}

TEST(Session, its_certainty_is_the_geometric_mean_of_probabilities) {
  Scripted s("abc");
  const std::vector<TokenId> prompt{byte('a')};
  std::vector<double> logs;
  const std::vector<TokenId> whole{byte('a'), byte('b'), byte('c')};  // then the end of the turn
  ASSERT_TRUE(s.session.score(whole, [&](int, std::span<const float> logits) {
    double sum = 0;
    float best = logits[0];
    for (const float logit : logits) best = std::max(best, logit);
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit - best));
    logs.push_back(-std::log(sum));
  }));
  ASSERT_EQ(logs.size(), 3U);
  s.session.clear();
  EXPECT_NEAR(s.session.certainty(prompt, 1, Cancel()).value(), std::exp(logs[0]), 1e-9);
  s.session.clear();
  EXPECT_NEAR(s.session.certainty(prompt, 16, Cancel()).value(),
              std::exp((logs[0] + logs[1] + logs[2]) / 3), 1e-9);
}

TEST(Session, has_no_certainty_when_it_is_stopped) {
  Scripted s("abcdef");
  Cancel cancel;
  cancel.request();
  const std::vector<TokenId> prompt{byte('a')};
  const auto sure = s.session.certainty(prompt, 16, cancel);
  ASSERT_FALSE(sure);
  EXPECT_EQ(sure.error().code, ErrorCode::cancelled);
}

TEST(Session, stops_before_a_stop_text_and_never_shows_its_beginning) {
  Scripted s("abcdefgh");
  const auto got = s.generate("a", at_most(50, {"xyz", "efg"})).value();
  EXPECT_EQ(got.text, "bcd");
  EXPECT_EQ(got.stop, StopReason::stop_text);
  EXPECT_EQ(s.streamed, (Texts{"b", "c", "d"}));
}

TEST(Session, a_stop_text_that_the_last_token_completes_is_one) {
  Scripted s("abcdefgh");
  const auto got = s.generate("a", at_most(3, {"cd"})).value();
  EXPECT_EQ(got.text, "b");
  EXPECT_EQ(got.stop, StopReason::stop_text);
}

TEST(Session, gives_out_the_beginning_of_a_stop_text_when_the_answer_ends_there) {
  Scripted s("abcd");
  EXPECT_EQ(s.generate("a", at_most(50, {"cdx"})).value().text, "bcd");
  EXPECT_EQ(s.generate("a", at_most(2, {"bcx"})).value().text, "bc");
}

TEST(Session, stops_when_the_context_is_full) {
  Scripted s("a", 8);  // after 'x' comes 'x', for ever
  const auto got = s.generate("xxx", at_most(100)).value();
  EXPECT_EQ(got.stop, StopReason::context_full);
  EXPECT_EQ(got.tokens.size(), 6U) << "five that fit and one that was known before";
  EXPECT_EQ(s.session.tokens().size(), 8U);
}

TEST(Session, answers_one_token_to_a_prompt_that_fills_the_context) {
  Scripted s("abc", 8);
  const auto got = s.generate("xxxxxxxa", at_most(100)).value();
  EXPECT_EQ(got.text, "b");
  EXPECT_EQ(got.stop, StopReason::context_full);
}

TEST(Session, streams_whole_characters) {
  Scripted s("a\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(s.generate("a").value().text, "é€");
  EXPECT_EQ(s.streamed, (Texts{"é", "€"}));
}

TEST(Session, an_unfinished_character_at_the_end_becomes_a_replacement) {
  Scripted s("a\xE2\x82");
  EXPECT_EQ(s.generate("a").value().text, "\uFFFD");
}

TEST(Session, finds_a_stop_text_behind_an_unfinished_character) {
  Scripted s("a\xE2z");
  EXPECT_EQ(s.generate("a", at_most(50, {"z"})).value().text, "\uFFFD");
}

TEST(Session, a_cancelled_answer_keeps_its_text_and_the_session_goes_on) {
  Scripted s("abcdef");
  Cancel cancel;
  GenerateOptions options = at_most(50);
  options.sampler = greedy();
  const std::vector<TokenId> prompt{byte('x'), byte('a')};
  const auto stop_at_d = [&](std::string_view piece) {
    if (piece == "d") cancel.request();
  };
  const auto got = s.session.generate(prompt, options, stop_at_d, cancel).value();
  EXPECT_EQ(got.stop, StopReason::cancelled);
  EXPECT_EQ(got.text, "bcd");
  const auto again = s.generate("xa").value();
  EXPECT_EQ(again.text, "bcdef");
  EXPECT_EQ(again.stop, StopReason::end_of_turn);
}

TEST(Session, a_cancelled_prompt_gives_no_text) {
  Scripted s("abcdef");
  Cancel cancel;
  cancel.request();
  const std::vector<TokenId> prompt{byte('x'), byte('a')};
  const auto got = s.session.generate(prompt, {}, nullptr, cancel).value();
  EXPECT_EQ(got.stop, StopReason::cancelled);
  EXPECT_EQ(got.text, "");
  EXPECT_TRUE(got.tokens.empty());
  EXPECT_TRUE(s.session.tokens().empty());
}

TEST(Session, refuses_prompts_that_cannot_be) {
  Scripted s("abc", 8);
  const auto what = [&](const std::vector<TokenId>& prompt) {
    const auto got = s.session.generate(prompt, {}, nullptr, Cancel());
    if (got) return std::string("was accepted");
    EXPECT_EQ(got.error().code, ErrorCode::invalid_argument);
    return got.error().what;
  };
  EXPECT_EQ(what({}), "the prompt is empty");
  EXPECT_EQ(what({1, -1}), "token id -1 is outside the vocabulary of 271");
  EXPECT_EQ(what({271}), "token id 271 is outside the vocabulary of 271");
  EXPECT_NE(what(std::vector<TokenId>(9, 1)).find("9 tokens, the context 8"), std::string::npos);
  EXPECT_TRUE(s.session.tokens().empty());
}

TEST(Session, refuses_contexts_that_the_model_does_not_take) {
  Scripted s("abc", 8);
  for (const int n_context : {-1, 9}) {
    const auto session = Session::create(*s.engine, n_context);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(session.error().what.find("this model takes 1 to 8"), std::string::npos);
  }
  EXPECT_EQ(Session::create(*s.engine, 5).value().n_context(), 5);
  EXPECT_EQ(Session::create(*s.engine, 0).value().n_context(), 8);
}

TEST(Session, takes_no_more_than_8192_tokens_of_context_unless_asked) {
  Scripted s("abc", 10'000);
  EXPECT_EQ(s.session.n_context(), 8192);
  EXPECT_EQ(Session::create(*s.engine, 10'000).value().n_context(), 10'000);
}

TEST(Session, says_so_when_a_model_computes_what_is_not_a_number) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    model::TinyModel tiny(script_options());
    write_script(tiny, script("abc"));
    std::memcpy(tiny.tensors.at("output_norm.weight").bytes.data(), &bad, sizeof bad);
    const auto engine = ModelFile(tiny).load();
    auto session = Session::create(*engine, 0).value();
    const std::vector<TokenId> prompt{byte('a')};
    const auto got = session.generate(prompt, {}, nullptr, Cancel());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::corrupt_data);
  }
}

/// A model with random weights: its draws change with any bit of the logits.
class Random : public testing::Test {
 protected:
  Random()
      : tiny_({.types = {tensor::DType::q8_0, tensor::DType::q4_0}, .n_context = 128}),
        engine_(ModelFile(tiny_).load(on_threads(2))) {}

  Session session() { return Session::create(*engine_, 0).value(); }
  static Generation generate(Session& session, std::span<const TokenId> prompt) {
    GenerateOptions options;
    options.n_tokens_max = 30;
    options.sampler.temperature = 2.0F;
    options.sampler.top_k = 0;
    options.sampler.seed = 9;
    return session.generate(prompt, options, nullptr, Cancel()).value();
  }
  static std::vector<TokenId> tokens(int n, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<TokenId> out;
    for (int i = 0; i < n; ++i) out.push_back(static_cast<TokenId>(rng.below(256)));
    return out;
  }

  model::TinyModel tiny_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Random, a_reused_prefix_gives_the_answer_of_a_fresh_session) {
  const auto first = tokens(40, 1);
  auto second = first;
  second.resize(25);
  for (const TokenId id : tokens(20, 2)) second.push_back(id);
  auto used = session();
  generate(used, first);
  const auto got = generate(used, second);
  auto fresh = session();
  const auto want = generate(fresh, second);
  EXPECT_EQ(got.tokens, want.tokens);
  EXPECT_EQ(got.n_prompt_reused, 25);
  EXPECT_EQ(want.n_prompt_reused, 0);
}

TEST_F(Random, counts_only_what_was_really_reused) {
  auto s = session();
  const auto first = tokens(40, 1);
  generate(s, first);
  const auto other = tokens(30, 3);
  EXPECT_EQ(generate(s, other).n_prompt_reused, 0);
  EXPECT_EQ(generate(s, other).n_prompt_reused, 29) << "the last one's logits are wanted";
  s.clear();
  EXPECT_EQ(generate(s, other).n_prompt_reused, 0);
}

TEST_F(Random, goes_on_from_its_own_answer) {
  auto s = session();
  auto prompt = tokens(10, 1);
  const auto first = generate(s, prompt);
  prompt.insert(prompt.end(), first.tokens.begin(), first.tokens.end());
  prompt.push_back(7);
  const auto got = generate(s, prompt);
  EXPECT_GE(got.n_prompt_reused, static_cast<int>(10 + first.tokens.size() - 1));
  auto fresh = session();
  EXPECT_EQ(got.tokens, generate(fresh, prompt).tokens);
}

TEST_F(Random, answers_alike_however_the_prompt_is_cut) {
  const auto prompt = tokens(60, 4);
  auto whole = session();
  const auto want = generate(whole, prompt);
  for (const int chunk : {1, 7, 16, 59}) {
    auto cut = session();
    cut.set_chunk(chunk);
    EXPECT_EQ(generate(cut, prompt).tokens, want.tokens) << chunk;
  }
}

TEST_F(Random, answers_alike_after_a_cancelled_prompt) {
  const auto prompt = tokens(60, 4);
  auto s = session();
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(s.generate(prompt, {}, nullptr, cancel).value().stop, StopReason::cancelled);
  auto fresh = session();
  EXPECT_EQ(generate(s, prompt).tokens, generate(fresh, prompt).tokens);
}

TEST_F(Random, scores_every_position_in_order) {
  const auto text = tokens(70, 5);  // more than the 32 positions of one pass
  const auto score = [&](std::span<const TokenId> part) {
    auto s = session();
    std::vector<std::vector<float>> out;
    const auto got = s.score(part, [&](int position, std::span<const float> logits) {
      EXPECT_EQ(position, static_cast<int>(out.size()));
      out.emplace_back(logits.begin(), logits.end());
    });
    EXPECT_TRUE(got);
    return out;
  };
  const auto all = score(text);
  ASSERT_EQ(all.size(), 70U);
  const auto some = score(std::span(text).first(40));
  EXPECT_EQ(some.back(), all[39]);
  EXPECT_NE(all[38], all[39]);
}

TEST_F(Random, refuses_to_score_what_does_not_fit) {
  auto s = session();
  const auto nothing = [](int, std::span<const float>) {};
  EXPECT_EQ(s.score({}, nothing).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(s.score(tokens(129, 1), nothing).error().code, ErrorCode::invalid_argument);
  const std::vector<TokenId> unknown{271};
  EXPECT_EQ(s.score(unknown, nothing).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace plmm::infer
