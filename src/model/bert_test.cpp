// Tests of BERT encoders: the formulas in double precision, the same bits in every batch, and the
// smallest file for each error.
#include "model/bert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "model/tiny_bert.h"

namespace plmm::model {
namespace {

using Tokens = std::vector<std::int32_t>;
using Row = std::vector<double>;

Result<std::unique_ptr<Bert>> load(const std::string& bytes, BertPrecision precision, int n_heads,
                                   const kernel::Kernels& kernels, int n_threads = 1) {
  ThreadPool pool(n_threads);
  auto file = gguf::SafetensorsReader::parse(std::as_bytes(std::span(bytes)), "m");
  if (!file) return std::unexpected(file.error());
  return Bert::load(std::move(*file), n_heads, precision, kernels, pool);
}

Result<std::unique_ptr<Bert>> load(const std::string& bytes, BertPrecision precision) {
  return load(bytes, precision, TinyBertOptions{}.n_heads, *kernel::find_kernels(""));
}

std::vector<float> embed(const Bert& bert, const std::vector<Tokens>& texts) {
  Tokens tokens;
  std::vector<int> lengths;
  for (const Tokens& text : texts) {
    tokens.insert(tokens.end(), text.begin(), text.end());
    lengths.push_back(static_cast<int>(text.size()));
  }
  std::vector<float> out(texts.size() * static_cast<std::size_t>(bert.config().n_embd));
  auto workspace =
      BertWorkspace::create(bert.config(), static_cast<int>(tokens.size()) + 3).value();
  bert_embed(bert, workspace, {tokens, lengths}, out);
  return out;
}

/// The paper's formulas on one text, in double precision.
class Paper {
 public:
  explicit Paper(const TinyBert& model) : model_(model) {}

  Row embed(const Tokens& tokens) const {
    std::vector<Row> x;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      Row row = row_of("embeddings.word_embeddings.weight", static_cast<std::size_t>(tokens[t]));
      row = add(row, row_of("embeddings.position_embeddings.weight", t));
      row = add(row, row_of("embeddings.token_type_embeddings.weight", 0));
      x.push_back(norm(row, "embeddings.LayerNorm"));
    }
    for (int i = 0; i < model_.options().n_layers; ++i) {
      layer(x, "encoder.layer." + std::to_string(i) + ".");
    }
    Row mean(x[0].size());
    for (const Row& row : x) mean = add(mean, row);
    const double length = std::sqrt(dot(mean, mean));
    for (double& v : mean) v /= length;
    return mean;
  }

 private:
  static Row add(Row a, const Row& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }
  static double dot(const Row& a, const Row& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }
  Row row_of(const std::string& name, std::size_t row) const {
    const auto& t = model_.tensors.at(name);
    const std::size_t n = t.shape.back();
    const auto begin = t.values.begin() + static_cast<std::ptrdiff_t>(row * n);
    return {begin, begin + static_cast<std::ptrdiff_t>(n)};
  }
  Row norm(const Row& x, const std::string& name) const {
    const auto n = static_cast<double>(x.size());
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
    double variance = 0;
    for (const double v : x) variance += (v - mean) * (v - mean) / n;
    const Row weight = row_of(name + ".weight", 0), bias = row_of(name + ".bias", 0);
    Row out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      out[i] = (x[i] - mean) / std::sqrt(variance + 1e-12) * weight[i] + bias[i];
    }
    return out;
  }
  Row linear(const Row& x, const std::string& name) const {
    Row out = row_of(name + ".bias", 0);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += dot(row_of(name + ".weight", i), x);
    return out;
  }
  void layer(std::vector<Row>& x, const std::string& name) const {
    std::vector<Row> q, k, v;
    for (const Row& row : x) {
      q.push_back(linear(row, name + "attention.self.query"));
      k.push_back(linear(row, name + "attention.self.key"));
      v.push_back(linear(row, name + "attention.self.value"));
    }
    for (std::size_t t = 0; t < x.size(); ++t) {
      const Row mixed = attend(q[t], k, v);
      x[t] = norm(add(x[t], linear(mixed, name + "attention.output.dense")),
                  name + "attention.output.LayerNorm");
      Row inner = linear(x[t], name + "intermediate.dense");
      for (double& value : inner) value *= 0.5 * std::erfc(-value * M_SQRT1_2);
      x[t] = norm(add(x[t], linear(inner, name + "output.dense")), name + "output.LayerNorm");
    }
  }
  Row attend(const Row& q, const std::vector<Row>& k, const std::vector<Row>& v) const {
    const std::size_t dim = q.size() / static_cast<std::size_t>(model_.options().n_heads);
    Row out(q.size());
    for (std::size_t h = 0; h < q.size(); h += dim) {
      Row weights;
      for (const Row& key : k) {
        double score = 0;
        for (std::size_t d = h; d < h + dim; ++d) score += q[d] * key[d];
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(dim))));
      }
      const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (std::size_t t = 0; t < v.size(); ++t) {
        for (std::size_t d = h; d < h + dim; ++d) out[d] += weights[t] / sum * v[t][d];
      }
    }
    return out;
  }

  const TinyBert& model_;
};

std::vector<Tokens> some_texts() {
  std::vector<Tokens> out;
  for (const int n : {1, 2, 13, 16, 17, 40, 64}) {
    Tokens text;
    for (int i = 0; i < n; ++i) text.push_back((i * 7 + n) % 20);
    out.push_back(text);
  }
  return out;
}

TEST(Bert, computes_the_formulas_of_the_paper) {
  const TinyBert model;
  const std::string bytes = model.bytes();
  const Paper paper(model);
  for (const auto& [precision, difference] :
       {std::pair{BertPrecision::f32, 2e-6}, std::pair{BertPrecision::f16, 1e-3},
        std::pair{BertPrecision::int8, 0.02}}) {
    const auto bert = load(bytes, precision).value();
    for (const Tokens& text : some_texts()) {
      const auto got = embed(*bert, {text});
      const Row want = paper.embed(text);
      for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], difference);
    }
  }
}

TEST(Bert, gives_the_same_bits_alone_and_in_any_batch_on_every_tier) {
  const std::string bytes = TinyBert().bytes();
  const auto texts = some_texts();
  for (const auto precision : {BertPrecision::f32, BertPrecision::f16, BertPrecision::int8}) {
    const auto want = embed(*load(bytes, precision).value(), texts);
    for (const auto* kernels : kernel::available_kernels()) {
      const auto bert = load(bytes, precision, 4, *kernels, 3).value();
      EXPECT_EQ(embed(*bert, texts), want) << kernels->name;
      std::vector<float> alone;
      for (const Tokens& text : texts) {
        const auto one = embed(*bert, {text});
        alone.insert(alone.end(), one.begin(), one.end());
      }
      EXPECT_EQ(alone, want) << kernels->name;
    }
  }
}

TEST(Bert, embeddings_have_length_one) {
  const std::string bytes = TinyBert().bytes();
  const auto bert = load(bytes, BertPrecision::int8).value();
  const auto out = embed(*bert, {{1, 2, 3}});
  EXPECT_NEAR(std::inner_product(out.begin(), out.end(), out.begin(), 0.0), 1.0, 1e-6);
}

TEST(Bert, reads_its_sizes_off_the_file) {
  const std::string bytes = TinyBert().bytes();
  const auto bert = load(bytes, BertPrecision::f32).value();
  const BertConfig& c = bert->config();
  EXPECT_EQ(c.n_layers, 2);
  EXPECT_EQ(c.n_embd, 64);
  EXPECT_EQ(c.head_dim(), 16);
  EXPECT_EQ(c.n_ff, 96);
  EXPECT_EQ(c.n_vocabulary, 20);
  EXPECT_EQ(c.n_positions, 64);
  EXPECT_EQ(bert->packed_bytes(), 2U * (4 * 64 * 64 + 2 * 64 * 96) * 4);
}

std::string error_of(const TinyBert& model, ErrorCode code, int n_heads = 4) {
  const auto bert =
      load(model.bytes(), BertPrecision::int8, n_heads, *kernel::find_kernels("reference"));
  if (bert) return "(loaded)";
  EXPECT_EQ(bert.error().code, code) << bert.error().what;
  return bert.error().what;
}

TEST(Bert, names_the_tensor_that_is_missing) {
  TinyBert model;
  model.tensors.erase("encoder.layer.1.output.dense.bias");
  EXPECT_EQ(error_of(model, ErrorCode::corrupt_data),
            "m: tensor 'encoder.layer.1.output.dense.bias' is missing (damaged?). "
            "Run: plmm pull all-minilm-l6-v2");
  TinyBert other;
  other.tensors.erase("embeddings.word_embeddings.weight");
  EXPECT_TRUE(error_of(other, ErrorCode::unsupported).contains("not a BERT encoder?"));
}

TEST(Bert, names_the_tensor_whose_shape_does_not_fit) {
  for (const char* name :
       {"encoder.layer.1.output.dense.weight", "embeddings.token_type_embeddings.weight",
        "embeddings.position_embeddings.weight", "embeddings.LayerNorm.bias"}) {
    TinyBert model;
    auto& shape = model.tensors.at(name).shape;
    shape.back() /= 2;
    shape.insert(shape.begin(), 2);
    if (shape.size() == 3) shape = {shape[0] * shape[1], shape[2]};
    EXPECT_TRUE(error_of(model, ErrorCode::corrupt_data).contains(name)) << name;
  }
}

TEST(Bert, rejects_sizes_that_the_kernels_do_not_run) {
  EXPECT_TRUE(error_of(TinyBert(), ErrorCode::unsupported, 8).contains("8 heads"));
  EXPECT_TRUE(error_of(TinyBert(), ErrorCode::unsupported, 5).contains("5 heads"));
  EXPECT_TRUE(error_of(TinyBert(), ErrorCode::unsupported, 0).contains("0 heads"));
  EXPECT_TRUE(error_of(TinyBert({.n_ff = 80}), ErrorCode::unsupported).contains("80 inner"));
}

TEST(Bert, rejects_weights_that_are_no_numbers) {
  for (const char* name :
       {"encoder.layer.1.intermediate.dense.weight", "encoder.layer.0.output.LayerNorm.weight"}) {
    TinyBert model;
    model.tensors.at(name).values[5] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(error_of(model, ErrorCode::corrupt_data).contains("no numbers")) << name;
  }
}

}  // namespace
}  // namespace plmm::model
