// Gradients of a whole model: against finite differences in double precision, against inference,
// and the same bits on every tier and number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ostream>

#include "model/tiny_run.h"
#include "train/double_model.h"
#include "train/gradient_pass.h"

namespace plmm::train {
namespace {

using model::LoraTarget;
using tensor::DType;

struct Case {
  const char* name;
  model::TinyOptions options;
};
void PrintTo(const Case& instance, std::ostream* out) { *out << instance.name; }

std::vector<Case> cases() {
  return {
      {"llama", {.types = {DType::q4_0, DType::q8_0, DType::q5_1}}},
      {"qwen2",
       {.architecture = "qwen2",
        .types = {DType::f16, DType::q4_1},
        .n_embd = 96,
        .n_heads = 6,
        .n_ff = 160,
        .head = model::Head::untied}},
      {"qwen3", {.architecture = "qwen3", .types = {DType::q8_0}, .n_kv_heads = 1, .head_dim = 32}},
      {"gemma3",
       {.architecture = "gemma3",
        .types = {DType::q5_0},
        .n_embd = 96,
        .n_kv_heads = 1,
        .head_dim = 32,
        .n_layers = 7,
        .sliding_window = 9}}};
}

/// Two documents in one sequence, of which some tokens count more than others.
Sequence packed_sequence(int n_vocabulary, int n = 40) {
  Sequence out;
  out.tokens = model::random_tokens(n, n_vocabulary, 21);
  for (int t = 0; t < n; ++t) out.weights.push_back(t % 4 == 0 ? 0.0F : t % 3 == 0 ? 0.5F : 1.0F);
  out.segment_starts = {0, n / 2 + 1};
  out.weights[static_cast<std::size_t>(n / 2)] = 0.0F;
  out.weights.back() = 0.0F;
  return out;
}

/// An adapter whose B is not zero, so that every gradient is there to see.
model::LoraAdapter random_adapter(const model::ModelConfig& config, int rank) {
  Rng rng(31);
  auto out = model::create_lora(config, {.rank = rank, .alpha = 6.0F}, rng).value();
  for (auto& layer : out.layers) {
    for (auto& pair : layer) {
      for (float& value : pair.b) value = static_cast<float>(rng.uniform() - 0.5) * 0.3F;
    }
  }
  return out;
}

/// A teacher with five words for each row that counts, some of them with the word that follows.
struct RandomTeacher {
  RandomTeacher(const Sequence& sequence, int n_vocabulary, float share, float temperature)
      : share_(share), temperature_(temperature) {
    Rng rng(51);
    for (const Supervised& row : supervised_rows(sequence)) {
      std::vector<text::TokenId> tokens = {row.target};
      while (tokens.size() < 5) {
        const auto token =
            static_cast<text::TokenId>(rng.below(static_cast<std::uint64_t>(n_vocabulary)));
        if (std::ranges::find(tokens, token) == tokens.end()) tokens.push_back(token);
      }
      std::ranges::sort(tokens);
      for (std::size_t i = 0; i < tokens.size(); ++i)
        labels_.push_back({tokens[i], static_cast<float>(i + 1) / 15.0F});
      rows_.push_back({0.5F, 1.0F, 5});
    }
  }
  SoftLabels labels() const { return {rows_, labels_, share_, temperature_}; }

 private:
  float share_, temperature_;
  std::vector<SoftRow> rows_;
  std::vector<SoftLabel> labels_;
};

struct Gradients {
  double loss = 0;
  std::vector<float> values;
};

class WholeModel : public testing::TestWithParam<Case> {
 protected:
  WholeModel() : tiny_(GetParam().options), bytes_(tiny_.bytes()) {}

  Gradients compute(const model::Model& model, const model::LoraAdapter& adapter, int n_threads,
                    const Sequence& sequence) {
    ThreadPool pool(n_threads);
    Parameters parameters(adapter);
    const auto buffers = Buffers::create(model, parameters, 64, n_threads).value();
    const Team team{model.kernels(), pool, *buffers, parameters};
    const auto rows = supervised_rows(sequence);
    GradientPass pass(team, model, sequence, rows);
    Gradients out;
    out.loss = pass.loss(Cancel()).value();
    EXPECT_TRUE(pass.add_gradients(1.0F, Cancel()));
    out.values = parameters.gradients;
    return out;
  }
  /// Loss and gradients of the exact path against the model in double precision.
  void expect_true_gradients(const Sequence& sequence);
  std::unique_ptr<model::Model> load(bool exact, std::string_view tier = "") {
    ThreadPool pool(1);
    return model::load_bytes(bytes_, exact, pool, tier).value();
  }

  model::TinyModel tiny_;
  std::string bytes_;
};

/// (f(x + h) − f(x − h)) / 2h of a number of the double model.
double difference(DoubleModel& slow, double& number, const Sequence& sequence) {
  const double kept = number, step = 1e-4;
  number = kept + step;
  const double above = slow.loss(sequence);
  number = kept - step;
  const double below = slow.loss(sequence);
  number = kept;
  return (above - below) / (2 * step);
}

/// Two numbers of each matrix of the first and the last layer, against finite differences.
void expect_gradients(const Gradients& got, DoubleModel& slow, const model::LoraAdapter& adapter,
                      const Sequence& sequence) {
  const Parameters places(adapter);
  Rng rng(41);
  for (const int layer : {0, places.n_layers() - 1}) {
    for (const LoraTarget target : model::all_lora_targets()) {
      const PairPlace& place = places.place(layer, target);
      auto& pair = slow.pair(layer, static_cast<int>(target));
      const std::string where =
          std::string(target_name(target)) + " of layer " + std::to_string(layer);
      for (int i = 0; i < 2; ++i) {
        const std::size_t a = rng.below(pair.a.size());
        const double want_a = difference(slow, pair.a[a], sequence);
        EXPECT_NEAR(got.values[place.a + a], want_a, 2e-4 * std::abs(want_a) + 2e-4)
            << "A, " << where;
        const std::size_t b = rng.below(pair.b.size());
        const double want_b = difference(slow, pair.b[b], sequence);
        const auto rank = static_cast<std::size_t>(place.rank);
        const std::size_t turned = b % rank * static_cast<std::size_t>(place.n_out) + b / rank;
        EXPECT_NEAR(got.values[place.b + turned], want_b, 2e-4 * std::abs(want_b) + 2e-4)
            << "B, " << where;
      }
    }
  }
}

void WholeModel::expect_true_gradients(const Sequence& sequence) {
  const auto model = load(true);
  const auto adapter = random_adapter(model->config(), 3);
  const Gradients got = compute(*model, adapter, 2, sequence);
  DoubleModel slow(tiny_, model->config(), adapter);
  EXPECT_NEAR(got.loss, slow.loss(sequence), 1e-5 * got.loss);
  expect_gradients(got, slow, adapter, sequence);
}

TEST_P(WholeModel, has_the_gradients_that_finite_differences_show) {
  const Sequence sequence = packed_sequence(tiny_.n_vocabulary(), 24);
  expect_true_gradients(sequence);
}

TEST_P(WholeModel, with_a_teacher_has_the_gradients_that_finite_differences_show) {
  for (const float temperature : {1.0F, 2.5F}) {
    Sequence sequence = packed_sequence(tiny_.n_vocabulary(), 24);
    const RandomTeacher teacher(sequence, tiny_.n_vocabulary(), 0.7F, temperature);
    sequence.teacher = teacher.labels();
    SCOPED_TRACE(temperature);
    expect_true_gradients(sequence);
  }
}

TEST_P(WholeModel, of_a_choice_has_the_gradients_that_finite_differences_show) {
  Sequence sequence = packed_sequence(tiny_.n_vocabulary(), 24);
  sequence.segment_starts = {0, 7, 13};
  for (const std::size_t end : {6, 12}) sequence.weights[end] = 0.0F;
  for (float& weight : sequence.weights) weight *= 0.3F;
  sequence.is_choice = true;
  expect_true_gradients(sequence);
}

/// A choice of three behind a question of 13 tokens: more than a window of gemma3 here.
Sequence shared_choice(int n_vocabulary) {
  Sequence out;
  out.tokens = model::random_tokens(31, n_vocabulary, 23);
  out.weights.assign(out.tokens.size(), 0.3F);
  std::fill_n(out.weights.begin(), 13, 0.0F);
  for (const std::size_t end : {18, 22, 30}) out.weights[end] = 0.0F;
  out.segment_starts = {13, 19, 23};
  out.n_shared = 13;
  out.is_choice = true;
  out.likelihood = 0.4F;
  return out;
}

TEST_P(WholeModel, of_segments_that_share_has_the_gradients_that_finite_differences_show) {
  const Sequence sequence = shared_choice(tiny_.n_vocabulary());
  expect_true_gradients(sequence);
}

TEST_P(WholeModel, of_segments_that_share_has_the_loss_of_each_with_what_it_shares) {
  const auto model = load(false);
  const auto adapter = random_adapter(model->config(), 3);
  Sequence sequence = shared_choice(tiny_.n_vocabulary());
  sequence.is_choice = false;
  sequence.likelihood = 0.0F;
  double want = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    Sequence alone;
    const auto add = [&](int begin, int end) {
      for (int t = begin; t < end; ++t) {
        alone.tokens.push_back(sequence.tokens[static_cast<std::size_t>(t)]);
        alone.weights.push_back(sequence.weights[static_cast<std::size_t>(t)]);
      }
    };
    add(0, 13);
    add(sequence.segment_starts[i], i == 2 ? 31 : sequence.segment_starts[i + 1]);
    want += compute(*model, adapter, 2, alone).loss;
  }
  EXPECT_DOUBLE_EQ(compute(*model, adapter, 2, sequence).loss, want);
}

TEST_P(WholeModel, with_an_adapter_of_upper_layers_has_the_gradients_of_the_whole_ones) {
  const auto model = load(false);
  auto whole = random_adapter(model->config(), 3);
  auto upper = whole;
  const int first = model->config().n_layers - 1;
  for (auto* adapter : {&whole, &upper}) {
    for (int i = 0; i < first; ++i) {
      for (auto& pair : adapter->layers[static_cast<std::size_t>(i)]) {
        std::ranges::fill(pair.b, 0.0F);  // changes nothing
        if (adapter == &upper)
          pair = {.rank = 0, .n_in = pair.n_in, .n_out = pair.n_out, .a = {}, .b = {}};
      }
    }
  }
  const Sequence sequence = packed_sequence(tiny_.n_vocabulary());
  const Gradients want = compute(*model, whole, 2, sequence);
  const Gradients got = compute(*model, upper, 2, sequence);
  EXPECT_EQ(got.loss, want.loss);
  ASSERT_LT(got.values.size(), want.values.size());
  EXPECT_TRUE(std::ranges::equal(got.values, std::span(want.values).last(got.values.size())));
}

TEST_P(WholeModel, with_a_teacher_of_no_share_has_the_bits_of_one_without) {
  const auto model = load(false);
  const auto adapter = random_adapter(model->config(), 4);
  Sequence sequence = packed_sequence(tiny_.n_vocabulary());
  const Gradients want = compute(*model, adapter, 2, sequence);
  for (const float temperature : {1.0F, 2.0F}) {
    const RandomTeacher teacher(sequence, tiny_.n_vocabulary(), 0.0F, temperature);
    sequence.teacher = teacher.labels();
    const Gradients got = compute(*model, adapter, 2, sequence);
    EXPECT_EQ(got.loss, want.loss);
    EXPECT_EQ(got.values, want.values);
  }
}

TEST_P(WholeModel, has_the_same_bits_on_every_tier_and_number_of_threads) {
  Sequence sequence = packed_sequence(tiny_.n_vocabulary());
  const RandomTeacher teacher(sequence, tiny_.n_vocabulary(), 0.5F, 1.5F);
  for (const bool exact : {false, true}) {
    sequence.teacher = exact ? SoftLabels() : teacher.labels();
    if (exact) sequence = shared_choice(tiny_.n_vocabulary());
    const auto reference = load(exact, "reference");
    const auto adapter = random_adapter(reference->config(), 5);
    const Gradients want = compute(*reference, adapter, 1, sequence);
    ASSERT_FALSE(want.values.empty());
    for (const auto* kernels : kernel::available_kernels()) {
      const auto model = load(exact, kernels->name);
      for (const int n_threads : {1, 2, 3}) {
        // More threads than cores take turns slowly: only the best tier goes through them all.
        if (n_threads != 2 && kernels != kernel::available_kernels().front()) continue;
        const Gradients got = compute(*model, adapter, n_threads, sequence);
        EXPECT_EQ(got.loss, want.loss) << kernels->name << ", " << n_threads << " threads";
        ASSERT_EQ(
            std::memcmp(got.values.data(), want.values.data(), want.values.size() * sizeof(float)),
            0)
            << kernels->name << ", " << n_threads << " threads";
      }
    }
  }
}

TEST_P(WholeModel, on_the_fast_path_points_where_the_exact_gradients_point) {
  const auto fast = load(false), exact = load(true);
  const auto adapter = random_adapter(exact->config(), 4);
  const Sequence sequence = packed_sequence(tiny_.n_vocabulary());
  const Gradients a = compute(*fast, adapter, 2, sequence);
  const Gradients b = compute(*exact, adapter, 2, sequence);
  double dot = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    dot += double{a.values[i]} * b.values[i];
    squares_a += double{a.values[i]} * a.values[i];
    squares_b += double{b.values[i]} * b.values[i];
  }
  EXPECT_GT(dot / std::sqrt(squares_a * squares_b), 0.99);
}

TEST_P(WholeModel, with_a_fresh_adapter_has_the_loss_of_inference) {
  const auto model = load(false);
  Rng rng(1);
  const auto adapter = model::create_lora(model->config(), {}, rng).value();
  Sequence sequence;
  sequence.tokens = model::random_tokens(40, tiny_.n_vocabulary(), 5);
  sequence.weights.assign(40, 1.0F);
  sequence.weights.back() = 0.0F;
  const Gradients got = compute(*model, adapter, 2, sequence);
  ThreadPool pool(2);
  const auto logits = model::TinyRun(*model, pool).feed(sequence.tokens, 40);
  const auto width = static_cast<std::size_t>(tiny_.n_vocabulary());
  double want = 0;
  for (std::size_t t = 0; t + 1 < sequence.tokens.size(); ++t) {
    const auto row = std::span(logits).subspan(t * width, width);
    double total = 0;
    for (const float value : row) total += std::exp(static_cast<double>(value));
    want += std::log(total) - row[static_cast<std::size_t>(sequence.tokens[t + 1])];
  }
  EXPECT_NEAR(got.loss, want, 1e-5 * want);
}

INSTANTIATE_TEST_SUITE_P(Tiny, WholeModel, testing::ValuesIn(cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace plmm::train
