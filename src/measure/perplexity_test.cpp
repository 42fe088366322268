// Windows against the naive computation, and estimates against sums done by hand.
#include "measure/perplexity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "infer/script_model_fixture.h"
#include "measure/naive.h"

namespace plmm::measure {
namespace {

train::Document text_of(std::string text) {
  train::Document out;
  out.text = std::move(text);
  return out;
}

train::Document chat_of(const std::vector<std::string>& turns) {
  train::Document out;
  for (std::size_t i = 0; i < turns.size(); ++i)
    out.messages.push_back({i % 2 == 0 ? text::Role::user : text::Role::assistant, turns[i]});
  return out;
}

struct Tiny {
  Tiny() : file(model::TinyModel(model::TinyOptions{})), engine(file.load()) {}
  infer::ModelFile file;
  std::unique_ptr<infer::Engine> engine;

  std::vector<Stretch> predict(const std::vector<train::Sequence>& documents,
                               const WindowOptions& options) {
    const auto scorer = std::move(Scorer::create({engine.get()}, options.window)).value();
    std::size_t n_done = 0;
    auto out = measure::predict(*scorer, engine->tokenizer(), documents, options, Cancel(),
                                [&](std::size_t n) { n_done += n; });
    EXPECT_TRUE(out) << out.error().what;
    EXPECT_EQ(n_done, n_fed(documents, options));
    return std::move(out).value();
  }
};

TEST(Perplexity, predicts_each_token_once_behind_its_window) {
  Tiny tiny;
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>('a' + i * i % 23);
  const auto document = encode_document(text_of(text), *tiny.engine).value();
  const auto& tokens = document.tokens;
  const WindowOptions options{32, 20};
  double nats = 0, n_tokens = 0;
  for (std::size_t first = 1, end = 32; first < tokens.size(); first = end, end += 20) {
    end = std::min(end, tokens.size());
    const std::size_t begin = end < 32 ? 0 : end - 32;
    for (const double x : naive_log_probabilities(
             *tiny.engine, std::span(tokens).subspan(begin, end - begin), first - begin)) {
      nats -= x;
      n_tokens += 1;
    }
  }
  double sum = 0, n = 0, n_bytes = 0;
  for (const Stretch& stretch : tiny.predict({document}, options)) {
    sum += stretch.nats;
    n += stretch.n_tokens;
    n_bytes += stretch.n_bytes;
  }
  EXPECT_EQ(n, static_cast<double>(tokens.size() - 1));
  EXPECT_EQ(n, n_tokens);
  EXPECT_EQ(n_bytes, static_cast<double>(text.size()) -
                         static_cast<double>(tiny.engine->tokenizer().piece(tokens[0]).size()));
  EXPECT_NEAR(sum, nats, 1e-3);
}

TEST(Perplexity, counts_only_answers_of_a_chat_and_the_tokens_that_end_them) {
  Tiny tiny;
  train::Document chat = chat_of({"hi you", "abc", "and more of this", "de"});
  infer::LoadOptions chatml = infer::on_threads(1);
  chatml.chat_template = text::TemplateFamily::chatml;
  tiny.engine = tiny.file.load(chatml);
  const auto document = encode_document(chat, *tiny.engine).value();
  const auto stretches = tiny.predict({document}, {128, 64});
  ASSERT_EQ(stretches.size(), 1U);
  EXPECT_EQ(stretches[0].n_tokens, 3 + 1 + 2 + 1);
  EXPECT_EQ(stretches[0].n_bytes, 5);
  const auto naive = naive_log_probabilities(*tiny.engine, document.tokens, 1);
  double nats = 0;
  for (std::size_t i = 0; i < naive.size(); ++i)
    if (document.weights[i] > 0) nats -= naive[i];
  EXPECT_NEAR(stretches[0].nats, nats, 1e-4);
  // A narrow window predicts the same tokens.
  double n = 0;
  for (const auto& stretch : tiny.predict({document}, {8, 3})) n += stretch.n_tokens;
  EXPECT_EQ(n, 7);
}

TEST(Perplexity, has_nothing_to_say_of_a_single_token) {
  Tiny tiny;
  const auto document = encode_document(text_of("a"), *tiny.engine).value();
  EXPECT_TRUE(tiny.predict({document}, {8, 4}).empty());
}

TEST(Perplexity, of_a_model_that_knows_nothing_is_the_size_of_its_vocabulary) {
  model::TinyModel blank{model::TinyOptions{}};
  for (auto& [name, tensor] : blank.tensors)
    if (tensor.ne.size() == 2) tensor.bytes.assign(tensor.bytes.size(), '\0');
  Tiny tiny;
  const infer::ModelFile file(blank);
  tiny.engine = file.load();
  const auto document = encode_document(text_of("all the same to me"), *tiny.engine).value();
  const auto found = perplexity(tiny.predict({document}, {8, 4}), 1);
  EXPECT_NEAR(found.value, infer::kVocabulary, 0.01);
  ASSERT_TRUE(found.interval);
  EXPECT_NEAR(found.interval->low, found.interval->high, 0.01);
}

std::vector<Stretch> stretches_of(std::size_t n, double nats_each, double wobble) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back({i, 10 * nats_each + wobble * static_cast<double>(i % 7), 10, 40});
  return out;
}

TEST(Perplexity, is_made_of_sums_and_bits_are_by_byte) {
  const auto stretches = stretches_of(40, 2, 0);
  EXPECT_NEAR(perplexity(stretches, 1).value, std::exp(2.0), 1e-9);
  EXPECT_NEAR(bits_per_byte(stretches, 1).value, 20 / std::numbers::ln2 / 40, 1e-12);
  EXPECT_FALSE(perplexity(std::span(stretches).first(1), 1).interval);
}

TEST(Perplexity, of_two_models_is_compared_by_pairs) {
  // Documents differ much, models little: only pairs show it.
  const auto first = stretches_of(40, 2, 3), second = stretches_of(40, 2.05, 3);
  const auto alone = perplexity(first, 1);
  EXPECT_GT(alone.interval->high, perplexity(second, 1).value);
  const auto ratio = ratio_of_perplexities(first, second, 1);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, std::exp(-0.05), 1e-9);
  EXPECT_LT(ratio->interval->high, 1);
  const auto difference = difference_of_bits(first, second, 1);
  EXPECT_NEAR(difference.value, -0.5 / std::numbers::ln2 / 40, 1e-9);
  EXPECT_LT(difference.interval->high, 0);
}

TEST(Perplexity, of_models_with_other_tokens_is_compared_by_document_and_byte) {
  const auto first = stretches_of(40, 2, 0);
  std::vector<Stretch> second;
  for (const Stretch& stretch : first) {  // half the tokens, in twice as many windows
    second.push_back({stretch.document, stretch.nats / 2, 3, 20});
    second.push_back({stretch.document, stretch.nats / 2, 2, 20});
  }
  EXPECT_FALSE(ratio_of_perplexities(first, second, 1));
  const auto difference = difference_of_bits(first, second, 1);
  EXPECT_NEAR(difference.value, 0, 1e-12);
  EXPECT_TRUE(difference.interval);
}

}  // namespace
}  // namespace plmm::measure
