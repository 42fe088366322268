// Choices against the naive computation; answers of a model whose answers are known.
#include "measure/questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "infer/script_model_fixture.h"
#include "measure/naive.h"

namespace plmm::measure {
namespace {

using eval::ChoiceQuestion;
using eval::ExamQuestion;
using text::TokenId;

std::vector<TokenId> encode(const infer::Engine& engine, const std::string& text) {
  return engine.tokenizer().encode(text, text::Special::plain);
}

std::vector<AtLine<ChoiceQuestion>> random_questions(int n) {
  Rng rng(3);
  std::vector<AtLine<ChoiceQuestion>> out;
  const auto word = [&rng] {
    std::string text;
    for (auto k = 1 + rng.below(6); k > 0; --k) text += static_cast<char>('a' + rng.below(26));
    return text;
  };
  for (int i = 0; i < n; ++i) {
    ChoiceQuestion question{
        word(), {word(), word() + " hello", word(), "\u00e9t\u00e9"}, rng.below(4)};
    out.push_back({question, static_cast<std::uint64_t>(i + 1)});
  }
  return out;
}

TEST(Choices, are_those_of_the_naive_computation) {
  const infer::ModelFile file{model::TinyModel(model::TinyOptions{})};
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  const auto questions = random_questions(24);
  std::size_t n_done = 0;
  const auto chosen = choose(*scorer, engine->tokenizer(), questions, Compared::texts, Cancel(),
                             [&](std::size_t n) { n_done += n; });
  ASSERT_TRUE(chosen) << chosen.error().what;
  EXPECT_EQ(n_done, questions.size());
  std::size_t n_right = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto& question = questions[i].item;
    const std::string prompt = "Question: " + question.question + "\nAnswer:";
    const std::size_t n_prompt = encode(*engine, prompt).size();
    std::vector<double> sums, means;
    for (const auto& choice : question.choices) {
      const auto tokens = encode(*engine, prompt + " " + choice);
      const auto all = naive_log_probabilities(*engine, tokens, n_prompt);
      sums.push_back(std::accumulate(all.begin(), all.end(), 0.0));
      const double n = choice == "\u00e9t\u00e9" ? 3 : static_cast<double>(choice.size());
      means.push_back(sums.back() / n);
    }
    const auto best = [](const auto& v) {
      return static_cast<std::size_t>(std::ranges::max_element(v) - v.begin());
    };
    EXPECT_EQ((*chosen)[i].is_right, best(sums) == question.answer) << i;
    EXPECT_EQ((*chosen)[i].is_right_for_length, best(means) == question.answer) << i;
    n_right += (*chosen)[i].is_right ? 1U : 0U;
  }
  EXPECT_GT(n_right, 0U);
  EXPECT_LT(n_right, questions.size());
}

TEST(Choices, by_letters_ask_for_the_letter) {
  // Behind "A" of "Answer:" a space, behind it the letter "B".
  model::TinyModel model(infer::script_options(128));
  infer::write_script(model, {{infer::byte(':'), infer::byte(' ')}, {' ', infer::byte('B')}});
  const infer::ModelFile file(model);
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  std::vector<AtLine<ChoiceQuestion>> questions{{{"q", {"x", "y", "z"}, 1}, 1},
                                                {{"q", {"x", "y", "z"}, 2}, 2}};
  const auto chosen =
      choose(*scorer, engine->tokenizer(), questions, Compared::letters, Cancel()).value();
  EXPECT_TRUE(chosen[0].is_right && chosen[0].is_right_for_length);
  EXPECT_FALSE(chosen[1].is_right || chosen[1].is_right_for_length);
}

TEST(Choices, that_are_the_same_or_begin_another_are_told_apart_as_far_as_they_differ) {
  const infer::ModelFile file{model::TinyModel(model::TinyOptions{})};
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  const std::vector<AtLine<ChoiceQuestion>> questions{{{"q", {"same", "same"}, 0}, 1},
                                                      {{"q", {"ab", "abc"}, 0}, 2}};
  const auto chosen =
      choose(*scorer, engine->tokenizer(), questions, Compared::texts, Cancel()).value();
  EXPECT_TRUE(chosen[0].is_right);  // the first of equals
  EXPECT_TRUE(chosen[1].is_right);  // more text is less likely
}

TEST(Choices, longer_than_the_context_are_named_by_their_line) {
  const infer::ModelFile file{model::TinyModel(model::TinyOptions{})};
  const auto engine = file.load();
  const auto scorer = std::move(Scorer::create({engine.get()}, 0)).value();
  const std::vector<AtLine<ChoiceQuestion>> questions{{{std::string(200, 'q'), {"a", "b"}, 0}, 7}};
  const auto refused = choose(*scorer, engine->tokenizer(), questions, Compared::texts, Cancel());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(refused.error().what.starts_with("line 7: ")) << refused.error().what;
}

/// Says "red." whatever it is asked.
std::unique_ptr<infer::Engine> parrot(int n_context = 256) {
  model::TinyModel model(infer::script_options(n_context));
  auto script = infer::script("red.");
  script[infer::byte('\n')] = infer::byte('r');
  infer::write_script(model, script);
  static std::vector<std::unique_ptr<infer::ModelFile>> files;
  files.push_back(std::make_unique<infer::ModelFile>(model));
  auto options = infer::on_threads(1);
  options.chat_template = text::TemplateFamily::chatml;
  return files.back()->load(options);
}

TEST(Answers, are_right_by_any_alias) {
  const auto engine = parrot();
  std::vector<AtLine<ExamQuestion>> questions;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const bool knows = i % 3 == 0;
    questions.push_back(
        {{"Colour " + std::to_string(i), {"blue", knows ? "Red" : "green"}, ""}, i});
  }
  std::size_t n_done = 0;
  const auto right =
      answer({engine.get()}, questions, Cancel(), [&](std::size_t n) { n_done += n; });
  ASSERT_TRUE(right) << right.error().what;
  EXPECT_EQ(n_done, 40U);
  for (std::size_t i = 0; i < right->size(); ++i) EXPECT_EQ((*right)[i], i % 3 == 0) << i;
  EXPECT_TRUE(answer({engine.get()}, {}, Cancel())->empty());
}

TEST(Answers, name_the_line_that_does_not_fit_and_stop_when_told) {
  const auto engine = parrot(64);
  std::vector<AtLine<ExamQuestion>> questions{{{std::string(300, 'q'), {"red"}, ""}, 9}};
  const auto refused = answer({engine.get()}, questions, Cancel());
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().what.starts_with("line 9: ")) << refused.error().what;
  questions[0].item.question = "q";
  Cancel cancel;
  cancel.request();
  EXPECT_EQ(answer({engine.get()}, questions, cancel).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace plmm::measure
