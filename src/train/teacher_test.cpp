// A teacher's labels: fair to its whole distribution, the numbers of inference, the same bits
// everywhere; and a student that learns from them.
#include "train/teacher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/temporary_folder.h"
#include "model/tiny_run.h"
#include "train/trainer.h"

namespace plmm::train {
namespace {

std::vector<float> random_logits(int n, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out;
  for (int i = 0; i < n; ++i) out.push_back(static_cast<float>(rng.uniform() * 8.0));
  return out;
}

/// softmax(logits / temperature) in double.
std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
  std::vector<double> out;
  double total = 0;
  for (const float logit : logits) {
    out.push_back(std::exp(logit / temperature));
    total += out.back();
  }
  for (double& p : out) p /= total;
  return out;
}

TEST(SoftLabels, average_to_the_whole_distribution) {
  constexpr int kTimes = 4000;
  const auto logits = random_logits(60, 1);
  const auto& kernels = *kernel::find_kernels("");
  for (const LabelOptions& options : {LabelOptions{4, 3, 1.0F}, LabelOptions{0, 5, 2.0F}}) {
    const auto want = softmax(logits, double{options.temperature});
    std::vector<double> mean(logits.size());
    Rng rng(2);
    for (int time = 0; time < kTimes; ++time) {
      auto row = logits;
      std::vector<SoftLabel> labels;
      append_labels(row, 0, options, kernels, rng, labels);
      for (const auto& [token, p] : labels)
        mean[static_cast<std::size_t>(token)] += double{p} / kTimes;
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
      // Five standard deviations of as many independent draws, which scatter more than these.
      const double spread = std::sqrt(want[i] / options.n_draws / kTimes);
      EXPECT_NEAR(mean[i], want[i], 5 * spread) << i;
    }
  }
}

TEST(SoftLabels, have_the_likeliest_exactly_and_the_numbers_of_the_whole) {
  const auto logits = random_logits(300, 3);
  const auto p = softmax(logits, 1.0), tempered = softmax(logits, 1.5);
  double entropy = 0;
  for (const double x : tempered) entropy -= x * std::log(x);
  auto row = logits;
  std::vector<SoftLabel> labels;
  Rng rng(4);
  const SoftRow got = append_labels(row, 17, {10, 6, 1.5F}, *kernel::find_kernels(""), rng, labels);
  EXPECT_NEAR(got.loss, -std::log(p[17]), 1e-5);
  EXPECT_NEAR(got.entropy, entropy, 1e-4);
  ASSERT_EQ(got.n_labels, labels.size());
  EXPECT_LE(labels.size(), 16U);
  auto sorted = tempered;
  std::ranges::sort(sorted, std::greater());
  int n_exact = 0;
  double sum = 0;
  for (const auto& [token, probability] : labels) {
    sum += double{probability};
    const double want = tempered[static_cast<std::size_t>(token)];
    if (want < sorted[9]) continue;
    EXPECT_NEAR(probability, want, 1e-6);
    ++n_exact;
  }
  EXPECT_EQ(n_exact, 10);
  EXPECT_NEAR(sum, 1.0, 1e-6);
}

TEST(SoftLabels, are_the_same_bits_on_every_tier) {
  const auto logits = random_logits(9000, 5);
  std::vector<SoftLabel> want;
  for (const auto* kernels : kernel::available_kernels()) {
    auto row = logits;
    std::vector<SoftLabel> labels;
    Rng rng(6);
    append_labels(row, 1, {.temperature = 0.7F}, *kernels, rng, labels);
    if (want.empty()) want = labels;
    ASSERT_EQ(labels.size(), want.size()) << kernels->name;
    EXPECT_EQ(std::memcmp(labels.data(), want.data(), want.size() * sizeof(SoftLabel)), 0)
        << kernels->name;
  }
}

TEST(SoftLabels, of_logits_that_are_no_numbers_are_seen) {
  auto logits = random_logits(50, 7);
  logits[20] = std::numeric_limits<float>::quiet_NaN();
  std::vector<SoftLabel> labels;
  Rng rng(1);
  const SoftRow row = append_labels(logits, 1, {}, *kernel::find_kernels(""), rng, labels);
  EXPECT_FALSE(std::isfinite(row.entropy) && std::isfinite(row.loss));
}

class TeacherTest : public testing::Test {
 protected:
  TeacherTest() {
    for (int i = 0; i < 3; ++i) data_.training.push_back(packed(static_cast<std::uint64_t>(i)));
    data_.validation.push_back(packed(9));
  }
  /// Five documents of 60 tokens, more than a pass with logits takes; each begins with a prompt
  /// that does not count, and the third does not count at all.
  Sequence packed(std::uint64_t seed) {
    Sequence out;
    for (int i = 0; i < 5; ++i) {
      const auto tokens =
          model::random_tokens(60, tiny_.n_vocabulary(), 10 * seed + static_cast<std::uint64_t>(i));
      out.segment_starts.push_back(static_cast<int>(out.tokens.size()));
      out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.end());
      for (int t = 0; t < 60; ++t)
        out.weights.push_back(t < 7 || t % 5 == 0 || t == 59 || i == 2 ? 0.0F : 1.0F);
    }
    return out;
  }
  Teacher teacher(ThreadPool& pool, const model::Model& model, const LabelOptions& options = {}) {
    return Teacher::create(model, pool, options, 128, tiny_.n_vocabulary()).value();
  }
  LabelPlan plan() { return {"tiny", rows_of(data_), tiny_.n_vocabulary()}; }

  model::TinyModel tiny_{{.types = {tensor::DType::q8_0}}};
  std::string bytes_ = tiny_.bytes();
  ThreadPool pool_{2};
  std::unique_ptr<model::Model> model_ = model::load_bytes(bytes_, false, pool_).value();
  TrainingData data_;
};

TEST_F(TeacherTest, says_of_each_row_what_inference_says) {
  const Sequence& sequence = data_.training[0];
  const auto said = teacher(pool_, *model_).label(sequence, 1, Cancel()).value();
  ASSERT_EQ(said.rows.size(), rows_of(data_)[0]);
  const auto width = static_cast<std::size_t>(tiny_.n_vocabulary());
  std::size_t at = 0;
  for (const int start : sequence.segment_starts) {
    const auto begin = static_cast<std::size_t>(start);
    const auto tokens = std::span(sequence.tokens).subspan(begin, 60);
    const auto logits = model::TinyRun(*model_, pool_).feed(tokens, 60);
    for (std::size_t t = 0; t < 60; ++t) {
      if (sequence.weights[begin + t] == 0.0F) continue;
      const std::vector<float> row(logits.begin() + static_cast<std::ptrdiff_t>(t * width),
                                   logits.begin() + static_cast<std::ptrdiff_t>((t + 1) * width));
      const double p = softmax(row, 1.0)[static_cast<std::size_t>(tokens[t + 1])];
      EXPECT_NEAR(said.rows[at++].loss, -std::log(p), 1e-4) << start << " " << t;
    }
  }
  EXPECT_EQ(at, said.rows.size());
}

TEST_F(TeacherTest, says_the_same_bits_on_every_tier_and_number_of_threads) {
  const auto want = teacher(pool_, *model_).label(data_.training[0], 1, Cancel()).value();
  for (const auto* kernels : kernel::available_kernels()) {
    ThreadPool pool(kernels == kernel::available_kernels().front() ? 3 : 1);
    const auto model = model::load_bytes(bytes_, false, pool, kernels->name).value();
    const auto got = teacher(pool, *model).label(data_.training[0], 1, Cancel()).value();
    EXPECT_EQ(label_record(0, got.rows, got.labels), label_record(0, want.rows, want.labels))
        << kernels->name;
  }
}

TEST_F(TeacherTest, goes_on_after_it_was_stopped_to_the_same_file) {
  const auto folder = TemporaryFolder::create().value();
  const auto write = [&](const char* name, int stop_at) {
    const auto path = folder.path() / name;
    Cancel cancel;
    auto file = LabelFile::open(path, plan()).value();
    auto one = teacher(pool_, *model_);
    const auto done = label_all(
        one, data_, 5, file,
        [&](std::size_t n) {
          if (static_cast<int>(n) == stop_at) cancel.request();
        },
        cancel);
    if (stop_at > 0) {
      EXPECT_EQ(done.error().code, ErrorCode::cancelled);
      EXPECT_FALSE(file.is_whole());
      auto more = LabelFile::open(path, plan()).value();
      EXPECT_EQ(more.n_done(), static_cast<std::size_t>(stop_at));
      EXPECT_TRUE(label_all(one, data_, 5, more, {}, Cancel()));
    }
    return read_file(path, 1 << 26).value();
  };
  EXPECT_EQ(write("stopped", 2), write("whole", 0));
}

TEST_F(TeacherTest, of_the_student_itself_has_nothing_to_teach) {
  const auto folder = TemporaryFolder::create().value();
  auto file = LabelFile::open(folder.path() / "labels", plan()).value();
  // All but 15 of the words: what is left of the divergence is the scatter of the draws.
  auto one = teacher(pool_, *model_, {.n_top = 256, .n_draws = 15});
  ASSERT_TRUE(label_all(one, data_, 5, file, {}, Cancel()));
  const auto labels = file.labels().value();
  Rng rng(1);
  auto trainer =
      Trainer::create(*model_, pool_, model::create_lora(model_->config(), {}, rng).value(),
                      {.n_tokens_max = 128})
          .value();
  for (Sequence& sequence : data_.training) {  // as long as the tiny model can learn from
    sequence.tokens.resize(60);
    sequence.weights.resize(60);
    sequence.segment_starts = {0};
  }
  const double told = trainer.evaluate(data_.training).value();
  const auto n = rows_of(data_)[0];
  for (std::size_t i = 0; i < data_.training.size(); ++i) {
    const auto rows = labels[i].rows.first(n);
    std::size_t n_labels = 0;
    for (const SoftRow& row : rows) n_labels += row.n_labels;
    data_.training[i].teacher = {rows, labels[i].labels.first(n_labels), 1.0F, 1.0F};
  }
  EXPECT_GT(told, 1.0);
  EXPECT_NEAR(trainer.evaluate(data_.training).value(), 0.0, 0.01);
}

TEST_F(TeacherTest, is_what_a_student_comes_closer_to) {
  const model::TinyModel other({.types = {tensor::DType::q8_0}, .seed = 8});
  const std::string bytes = other.bytes();
  const auto student = model::load_bytes(bytes, false, pool_).value();
  for (auto* sequences : {&data_.training, &data_.validation}) {
    for (Sequence& sequence : *sequences) {
      sequence.tokens.resize(60);
      sequence.weights.resize(60);
      sequence.segment_starts = {0};
    }
  }
  const auto folder = TemporaryFolder::create().value();
  auto file = LabelFile::open(folder.path() / "labels", plan()).value();
  auto one = teacher(pool_, *model_);
  ASSERT_TRUE(label_all(one, data_, 5, file, {}, Cancel()));
  const auto labels = file.labels().value();
  EXPECT_GT(loss_apart(labels, data_), 1.0);
  teach(labels, 0.9F, 1.0F, data_);
  Rng rng(1);
  auto trainer =
      Trainer::create(*student, pool_, model::create_lora(student->config(), {}, rng).value(),
                      {.learning_rate = 1e-2, .n_steps = 30, .n_tokens_max = 128})
          .value();
  const double before = trainer.evaluate(data_.training).value();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(trainer.step(data_.training));
  EXPECT_LT(trainer.evaluate(data_.training).value(), 0.7 * before);
}

TEST_F(TeacherTest, refuses_labels_that_do_not_fit_the_sequence) {
  Rng rng(1);
  auto trainer =
      Trainer::create(*model_, pool_, model::create_lora(model_->config(), {}, rng).value(),
                      {.n_tokens_max = 128})
          .value();
  Sequence sequence;
  sequence.tokens = {1, 2, 3};
  sequence.weights = {1.0F, 1.0F, 0.0F};
  const std::vector<SoftRow> rows = {{0.1F, 1.0F, 1}, {0.1F, 1.0F, 1}};
  const std::vector<SoftLabel> labels = {{4, 1.0F}, {5, 1.0F}};
  const auto code = [&](SoftLabels teacher) {
    sequence.teacher = teacher;
    const auto done = trainer.evaluate({&sequence, 1});
    return done ? std::optional<ErrorCode>() : done.error().code;
  };
  EXPECT_EQ(code({rows, labels, 0.5F, 1.0F}), std::nullopt);
  EXPECT_EQ(code({std::span(rows).first(1), labels, 0.5F, 1.0F}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({rows, std::span(labels).first(1), 0.5F, 1.0F}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({rows, labels, 1.5F, 1.0F}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({rows, labels, 0.5F, 0.0F}), ErrorCode::invalid_argument);
  const std::vector<SoftLabel> unknown = {{4, 1.0F}, {tiny_.n_vocabulary(), 1.0F}};
  EXPECT_EQ(code({rows, unknown, 0.5F, 1.0F}), ErrorCode::invalid_argument);
}

TEST_F(TeacherTest, refuses_another_vocabulary_and_options_out_of_range) {
  const model::TinyModel other({.architecture = "gemma3"});
  const std::string bytes = other.bytes();
  const auto gemma = model::load_bytes(bytes, false, pool_).value();
  EXPECT_TRUE(check_same_tokens(model_->tokenizer(), model_->tokenizer()));
  EXPECT_EQ(check_same_tokens(gemma->tokenizer(), model_->tokenizer()).error().code,
            ErrorCode::invalid_argument);
  const auto made = [&](const LabelOptions& options, int n_tokens_max) {
    return Teacher::create(*model_, pool_, options, n_tokens_max, tiny_.n_vocabulary()).has_value();
  };
  EXPECT_TRUE(made({}, 128));
  EXPECT_FALSE(made({.n_top = kTopMax + 1}, 128));
  EXPECT_FALSE(made({.n_draws = 0}, 128));
  EXPECT_FALSE(made({.temperature = 0.0F}, 128));
  EXPECT_FALSE(made({}, model_->config().n_context + 1));
}

TEST(Teaching, says_how_much_of_the_gap_is_closed) {
  EXPECT_DOUBLE_EQ(gap_closed(3.0, 2.5, 2.0).value(), 0.5);
  EXPECT_DOUBLE_EQ(gap_closed(3.0, 3.25, 2.0).value(), -0.25);
  EXPECT_FALSE(gap_closed(2.0, 1.5, 1.9999));
  EXPECT_FALSE(gap_closed(2.0, 1.5, 3.0));
}

}  // namespace
}  // namespace plmm::train
