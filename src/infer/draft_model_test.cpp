// Tests of drafting by a smaller model: vocabularies, guesses, and the same answers.
#include "infer/draft_model.h"

#include <gtest/gtest.h>

#include "infer/script_model_fixture.h"
#include "infer/session.h"
#include "infer/speculation.h"
#include "model/model.h"

namespace plmm::infer {
namespace {

using text::TokenId;
using Tokens = std::vector<TokenId>;

struct Pair {
  explicit Pair(std::uint64_t draft_seed)
      : main_tiny({.types = {tensor::DType::q8_0}, .n_context = 128}),
        draft_tiny({.types = {tensor::DType::q8_0}, .n_context = 128, .seed = draft_seed}),
        main(ModelFile(main_tiny).load(on_threads(2))),
        draft(load_draft()) {}
  std::unique_ptr<Engine> load_draft() const {
    LoadOptions options;
    options.threads_of = main.get();
    return ModelFile(draft_tiny).load(options);
  }

  model::TinyModel main_tiny, draft_tiny;
  std::unique_ptr<Engine> main, draft;
};

GenerateOptions drawn(float temperature) {
  GenerateOptions out;
  out.n_tokens_max = 60;
  out.sampler.temperature = temperature;
  out.sampler.seed = 5;
  return out;
}

Generation answer(Engine& engine, std::unique_ptr<Speculation> speculation,
                  const GenerateOptions& options) {
  auto session = Session::create(engine, 0).value();
  session.use_speculation(std::move(speculation));
  const Tokens prompt{1, 2, 3, 4, 5, 6, 7};
  return session.generate(prompt, options, nullptr, Cancel()).value();
}

std::unique_ptr<Speculation> with_draft(const Pair& pair, Speculation::Verify verify) {
  auto out = std::make_unique<Speculation>(verify);
  out->add(DraftModel::create(*pair.draft, *pair.main, 128).value());
  return out;
}

TEST(DraftModel, changes_no_answer_whatever_it_guesses) {
  for (const std::uint64_t draft_seed : {1U, 2U}) {  // the same model, and another one
    const Pair pair(draft_seed);
    for (const float temperature : {0.0F, 1.0F, 2.5F}) {
      const auto want = answer(*pair.main, nullptr, drawn(temperature));
      for (const auto verify : {Speculation::Verify::all, Speculation::Verify::what_pays}) {
        const auto got = answer(*pair.main, with_draft(pair, verify), drawn(temperature));
        EXPECT_EQ(got.tokens, want.tokens);
        EXPECT_EQ(got.text, want.text);
        EXPECT_EQ(got.stop, want.stop);
      }
    }
  }
}

TEST(DraftModel, that_is_the_model_itself_is_always_right_also_where_tokens_are_drawn) {
  const Pair pair(1);
  for (const float temperature : {0.0F, 1.0F, 2.5F}) {
    const auto got =
        answer(*pair.main, with_draft(pair, Speculation::Verify::all), drawn(temperature));
    EXPECT_GT(got.n_accepted, 30);
    // Guesses behind the end of the answer count for nothing.
    const int n_behind = got.stop == StopReason::end_of_turn ? SpeculationGate::kGuessesMax : 0;
    EXPECT_GE(got.n_accepted, got.n_proposed - n_behind) << temperature;
  }
}

TEST(DraftModel, reads_what_it_has_not_seen_and_only_that) {
  const Pair pair(2);
  const auto draft = DraftModel::create(*pair.draft, *pair.main, 128).value();
  const Sampler sampler(greedy());
  Tokens text{1, 2, 3, 4, 5};
  draft->follow(text, sampler);
  EXPECT_EQ(draft->n_unread(), 4) << "the last one is the first guess's own";
  draft->read(Cancel());
  EXPECT_EQ(draft->n_unread(), 0);
  const auto first = draft->next(Cancel());
  ASSERT_TRUE(first);
  text.push_back(first->token);  // it came true
  draft->follow(text, sampler);
  EXPECT_EQ(draft->n_unread(), 0);
  text[2] = 9;  // all is other from there on
  draft->follow(text, sampler);
  EXPECT_EQ(draft->n_unread(), 3);
  // It guesses as one that never saw anything else.
  const auto fresh = DraftModel::create(*pair.draft, *pair.main, 128).value();
  fresh->follow(text, sampler);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(draft->next(Cancel())->token, fresh->next(Cancel())->token);
}

TEST(DraftModel, has_no_idea_beyond_its_context_or_when_cancelled) {
  const Pair pair(2);
  const auto draft = DraftModel::create(*pair.draft, *pair.main, 8).value();
  const Sampler sampler(greedy());
  draft->follow(Tokens(7, 3), sampler);
  EXPECT_TRUE(draft->next(Cancel()));
  EXPECT_TRUE(draft->next(Cancel()));
  EXPECT_FALSE(draft->next(Cancel()));
  Cancel cancel;
  cancel.request();
  draft->follow(Tokens(4, 5), sampler);
  EXPECT_FALSE(draft->next(cancel));
}

TEST(DraftModel, with_a_shortened_head_guesses_only_tokens_that_it_knows) {
  const Pair pair(2);
  auto options = DraftModel::load_options(*pair.main);
  options.n_head_rows = 60;  // 64 with the panel filled
  const auto shortened = ModelFile(pair.draft_tiny).load(options);
  const auto draft = DraftModel::create(*shortened, *pair.main, 128).value();
  GenerateOptions drawing = drawn(2.5F);
  drawing.sampler.top_k = 0;
  const Tokens text{1, 2, 3};
  const Sampler sampler(drawing.sampler);
  draft->follow(text, sampler);
  for (int i = 0; i < 40; ++i) EXPECT_LT(draft->next(Cancel())->token, 64);
}

TEST(DraftModel, refuses_another_vocabulary_and_says_where_it_differs) {
  const Pair pair(1);
  model::TinyModel other({.architecture = "gemma3"});
  const auto gemma = ModelFile(other).load();
  const auto sizes = DraftModel::create(*gemma, *pair.main, 0);
  ASSERT_FALSE(sizes);
  EXPECT_EQ(sizes.error().code, ErrorCode::invalid_argument);

  model::TinyModel changed({.types = {tensor::DType::q8_0}});
  auto& tokens = changed.metadata.at("tokenizer.ggml.tokens");
  std::get<std::vector<std::string_view>>(tokens)[270] = "<|other|>";
  const auto one_differs = check_same_vocabulary(*ModelFile(changed).load(), *pair.main);
  ASSERT_FALSE(one_differs);
  EXPECT_EQ(one_differs.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(one_differs.error().what.find("token 270"), std::string::npos);
}

}  // namespace
}  // namespace plmm::infer
