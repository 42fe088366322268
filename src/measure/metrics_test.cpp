// A file of every kind measured, and verdicts on two models.
#include "measure/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "infer/script_model_fixture.h"

namespace plmm::measure {
namespace {

std::unique_ptr<infer::Engine> load(const infer::ModelFile& file) {
  auto options = infer::on_threads(1);
  options.chat_template = text::TemplateFamily::chatml;
  return file.load(options);
}

EvalFile mixed() {
  const char* lines =
      R"({"question":"q","choices":["a","b"],"answer":"A"})"
      "\n"
      R"({"question":"q","answer":"a"})"
      "\n"
      R"({"text":"hello hello hello"})"
      "\n"
      R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"
      "\n";
  return read_eval_file(lines, "mixed.jsonl").value();
}

TEST(Metrics, has_a_score_for_each_kind_of_a_file) {
  const infer::ModelFile model{model::TinyModel(model::TinyOptions{.n_context = 512})};
  const auto engine = load(model);
  const auto file = mixed();
  std::size_t n_told = 0;
  const auto outcomes = measure({engine.get()}, file, {{512, 100}, Compared::texts}, Cancel(),
                                [&](std::string_view, std::size_t done, std::size_t total) {
                                  EXPECT_LE(done, total);
                                  ++n_told;
                                });
  ASSERT_TRUE(outcomes) << outcomes.error().what;
  EXPECT_EQ(n_told, 8U);
  const auto all = metrics(file, *outcomes, nullptr, 1);
  std::string names;
  for (const Metric& metric : all) {
    names += std::string(metric.kind) + "/" + std::string(metric.name) + " ";
    EXPECT_EQ(metric.n_items, 1U);
    EXPECT_FALSE(metric.comparison);
  }
  EXPECT_EQ(names,
            "choices/acc choices/acc_norm questions/exact_match texts/perplexity "
            "texts/bits_per_byte chats/perplexity chats/bits_per_byte ");
  const auto itself = metrics(file, *outcomes, &*outcomes, 1);
  for (const Metric& metric : itself) {
    ASSERT_TRUE(metric.comparison);
    EXPECT_EQ(metric.comparison->value, metric.estimate.value);
    EXPECT_EQ(metric.comparison->verdict, Verdict::undecided);
  }
}

TEST(Metrics, makes_windows_fit_the_model_and_refuses_a_text_of_one_token) {
  const infer::ModelFile model{model::TinyModel(model::TinyOptions{.n_context = 16})};
  const auto engine = load(model);
  auto file = read_eval_file("a text that is longer than the context of the model", "f").value();
  EXPECT_TRUE(measure({engine.get()}, file, {}, Cancel()));
  file = read_eval_file("a", "f").value();
  const auto refused = measure({engine.get()}, file, {}, Cancel());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

EvalFile asked(std::size_t n) {
  EvalFile out;
  out.questions.assign(n, {{"q", {"a"}, ""}, 1});
  return out;
}

TEST(Metrics, call_a_model_better_only_where_chance_does_not_explain_it) {
  Outcomes ours, theirs;
  for (int i = 0; i < 100; ++i) {
    ours.answers.push_back(i < 50);
    theirs.answers.push_back(i < 35);
  }
  const auto better = metrics(asked(100), ours, &theirs, 1).front();
  EXPECT_EQ(better.comparison->verdict, Verdict::better);
  EXPECT_NEAR(better.comparison->change->value, 0.15, 1e-12);
  EXPECT_GT(better.comparison->change->interval->low, 0.05);
  EXPECT_NEAR(*better.comparison->p, 2 * std::pow(0.5, 15), 1e-12);
  EXPECT_EQ(metrics(asked(100), theirs, &ours, 1).front().comparison->verdict, Verdict::worse);
  theirs.answers = ours.answers;
  for (std::size_t i = 0; i < 3; ++i) theirs.answers[i] = false;
  const auto chance = metrics(asked(100), ours, &theirs, 1).front();
  EXPECT_EQ(chance.comparison->verdict, Verdict::undecided);
  EXPECT_NEAR(*chance.comparison->p, 0.25, 1e-12);
}

TEST(Metrics, of_predictions_are_better_where_they_are_lower) {
  EvalFile file;
  file.texts.resize(40);
  Outcomes ours, theirs;
  for (std::size_t i = 0; i < 40; ++i) {
    const double wobble = static_cast<double>(i % 5);
    ours.texts.push_back({i, 20 + wobble, 10, 40});
    theirs.texts.push_back({i, 21 + wobble + static_cast<double>(i % 3) / 10, 10, 40});
  }
  for (const Metric& metric : metrics(file, ours, &theirs, 1))
    EXPECT_EQ(metric.comparison->verdict, Verdict::better) << metric.name;
  for (const Metric& metric : metrics(file, theirs, &ours, 1))
    EXPECT_EQ(metric.comparison->verdict, Verdict::worse) << metric.name;
}

}  // namespace
}  // namespace plmm::measure
