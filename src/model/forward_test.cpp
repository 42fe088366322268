// The exact path against the papers in double precision; a pass that is stopped; memory that cannot
// be had.
#include "model/forward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/tiny_run.h"

// A cache of 2^55 bytes is refused as it would be without the sanitizer.
extern "C" [[gnu::used]] const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace plmm::model {
namespace {

using tensor::DType;
using Vector = std::vector<double>;

/// What differs between the architectures, as their papers say it.
struct Family {
  bool neighbours = false;  // rotates (2i, 2i + 1) instead of (i, i + d/2)
  bool biases = false;
  bool head_norms = false;
  bool gemma = false;  // scaled embedding, GeGLU, norms behind blocks, sliding windows
  double position_scale = 1.0;
  Vector rope_factors = {};
};

/// The forward pass over a whole sequence, every sum in plain order.
class Reference {
 public:
  Reference(const TinyModel& model, Family family)
      : model_(model), o_(model.options()), family_(std::move(family)) {}

  /// Logits of every position.
  std::vector<Vector> logits(std::span<const text::TokenId> tokens) const {
    std::vector<Vector> x;
    for (const auto id : tokens) {
      Vector row = matrix_row("token_embd.weight", static_cast<std::size_t>(id));
      if (family_.gemma) {
        for (double& value : row) value *= std::sqrt(static_cast<double>(o_.n_embd));
      }
      x.push_back(std::move(row));
    }
    for (int i = 0; i < o_.n_layers; ++i) {
      attend(i, x);
      feed_forward(i, x);
    }
    const bool tied = !model_.tensors.contains("output.weight");
    for (Vector& row : x) {
      row = multiply(tied ? "token_embd.weight" : "output.weight", norm(row, "output_norm.weight"));
    }
    return x;
  }

 private:
  Vector values(const std::string& name) const {
    const auto decoded = model_.tensors.at(name).decoded();
    return {decoded.begin(), decoded.end()};
  }
  Vector matrix_row(const std::string& name, std::size_t row) const {
    const Vector all = values(name);
    const std::size_t width = model_.tensors.at(name).ne[0];
    return {all.begin() + static_cast<std::ptrdiff_t>(row * width),
            all.begin() + static_cast<std::ptrdiff_t>((row + 1) * width)};
  }
  Vector multiply(const std::string& name, const Vector& x) const {
    const Vector w = values(name);
    Vector y(model_.tensors.at(name).ne[1]);
    for (std::size_t row = 0; row < y.size(); ++row) {
      for (std::size_t i = 0; i < x.size(); ++i) y[row] += w[row * x.size() + i] * x[i];
    }
    return y;
  }
  Vector norm(const Vector& x, const std::string& weight) const {
    double squares = 0;
    for (const double value : x) squares += value * value;
    const double epsilon =
        std::get<double>(model_.metadata.at(model_.key("attention.layer_norm_rms_epsilon")));
    const Vector w = values(weight);
    Vector out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      out[i] = x[i] / std::sqrt(squares / static_cast<double>(x.size()) + epsilon) * w[i];
    return out;
  }
  static std::string in_layer(int layer, const char* name) {
    return "blk." + std::to_string(layer) + "." + name;
  }
  static void add(Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }
  bool is_local(int layer) const { return family_.gemma && layer % 6 != 5; }

  void rotate(Vector& head, int position, int layer) const {
    const double theta = is_local(layer)
                             ? 10000.0
                             : std::get<double>(model_.metadata.at(model_.key("rope.freq_base")));
    const std::size_t half = head.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
      double angle = position * std::pow(theta, -2.0 * static_cast<double>(i) /
                                                    static_cast<double>(o_.head_dim));
      if (!is_local(layer)) {
        angle /= family_.position_scale;
        if (!family_.rope_factors.empty()) angle /= family_.rope_factors[i];
      }
      double& a = head[family_.neighbours ? 2 * i : i];
      double& b = head[family_.neighbours ? 2 * i + 1 : i + half];
      const double x = a, y = b;
      a = x * std::cos(angle) - y * std::sin(angle);
      b = x * std::sin(angle) + y * std::cos(angle);
    }
  }

  /// The heads of one projection: multiplied, biased, normed and rotated.
  std::vector<Vector> heads(int layer, const char* which, const Vector& x, int position) const {
    const std::string name = in_layer(layer, which);
    Vector all = multiply(name + ".weight", x);
    if (family_.biases) add(all, values(name + ".bias"));
    std::vector<Vector> out;
    for (auto at = all.begin(); at != all.end(); at += o_.head_dim) {
      Vector head(at, at + o_.head_dim);
      if (!name.ends_with("_v")) {
        if (family_.head_norms) head = norm(head, name + "_norm.weight");
        rotate(head, position, layer);
      }
      out.push_back(std::move(head));
    }
    return out;
  }

  void attend(int layer, std::vector<Vector>& x) const {
    std::vector<std::vector<Vector>> keys, seen_values;  // [position][head]
    for (std::size_t t = 0; t < x.size(); ++t) {
      const int position = static_cast<int>(t);
      const Vector h = norm(x[t], in_layer(layer, "attn_norm.weight"));
      const auto queries = heads(layer, "attn_q", h, position);
      keys.push_back(heads(layer, "attn_k", h, position));
      seen_values.push_back(heads(layer, "attn_v", h, position));
      const int first = is_local(layer) ? std::max(0, position + 1 - o_.sliding_window) : 0;
      Vector all;
      for (std::size_t head = 0; head < queries.size(); ++head) {
        const std::size_t shared =
            head * static_cast<std::size_t>(o_.n_kv_heads) / static_cast<std::size_t>(o_.n_heads);
        const Vector out =
            mix(queries[head], keys, seen_values, shared, static_cast<std::size_t>(first));
        all.insert(all.end(), out.begin(), out.end());
      }
      Vector y = multiply(in_layer(layer, "attn_output.weight"), all);
      if (family_.gemma) y = norm(y, in_layer(layer, "post_attention_norm.weight"));
      add(x[t], y);
    }
  }

  /// softmax(q · K / sqrt(d)) · V over positions from `first`.
  static Vector mix(const Vector& query, const std::vector<std::vector<Vector>>& keys,
                    const std::vector<std::vector<Vector>>& values, std::size_t head,
                    std::size_t first) {
    Vector out(query.size());
    double total = 0;
    for (std::size_t p = first; p < keys.size(); ++p) {
      double score = 0;
      for (std::size_t i = 0; i < query.size(); ++i) score += query[i] * keys[p][head][i];
      const double weight = std::exp(score / std::sqrt(static_cast<double>(query.size())));
      total += weight;
      for (std::size_t i = 0; i < query.size(); ++i) out[i] += weight * values[p][head][i];
    }
    for (double& value : out) value /= total;
    return out;
  }

  void feed_forward(int layer, std::vector<Vector>& x) const {
    for (Vector& row : x) {
      const Vector h = norm(row, in_layer(layer, "ffn_norm.weight"));
      Vector gate = multiply(in_layer(layer, "ffn_gate.weight"), h);
      const Vector up = multiply(in_layer(layer, "ffn_up.weight"), h);
      for (std::size_t i = 0; i < gate.size(); ++i) {
        const double g = gate[i];
        const double inner = std::sqrt(2.0 / std::acos(-1.0)) * (g + 0.044715 * g * g * g);
        gate[i] = family_.gemma ? 0.5 * g * (1.0 + std::tanh(inner)) : g / (1.0 + std::exp(-g));
        gate[i] *= up[i];
      }
      Vector y = multiply(in_layer(layer, "ffn_down.weight"), gate);
      if (family_.gemma) y = norm(y, in_layer(layer, "post_ffw_norm.weight"));
      add(row, y);
    }
  }

  const TinyModel& model_;
  const TinyOptions& o_;
  Family family_;
};

constexpr int kTokens = 70;  // three windows of 24, and no multiple of a tile

/// The squared error of the exact path over the squares of the reference.
double error_against_reference(TinyModel& tiny, Family family, std::string_view tier = "") {
  const std::string bytes = tiny.bytes();
  ThreadPool pool(2);
  const auto model = load_bytes(bytes, true, pool, tier);
  if (!model) {
    ADD_FAILURE() << model.error().what;
    return 1;
  }
  const auto tokens = random_tokens(kTokens, tiny.n_vocabulary(), 7);
  const auto got = TinyRun(**model, pool).feed(tokens, 33);
  const auto want = Reference(tiny, std::move(family)).logits(tokens);
  double error = 0, squares = 0;
  for (std::size_t t = 0; t < want.size(); ++t) {
    for (std::size_t i = 0; i < want[t].size(); ++i) {
      const double difference = got.at(t * want[t].size() + i) - want[t][i];
      error += difference * difference;
      squares += want[t][i] * want[t][i];
    }
  }
  EXPECT_GT(squares, 1.0);
  return error / squares;
}

constexpr double kErrorMax = 1e-9;

TEST(Forward, computes_llama_with_neighbouring_pairs_shared_keys_and_a_tied_head) {
  TinyModel tiny({.types = {DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1, DType::q8_0}});
  EXPECT_LT(error_against_reference(tiny, {.neighbours = true}), kErrorMax);
}

TEST(Forward, computes_llama_from_k_quants_with_divided_frequencies) {
  TinyModel tiny({.types = {DType::q2_k, DType::q3_k, DType::q4_k, DType::q5_k, DType::q6_k},
                  .n_embd = 256,
                  .head_dim = 64,
                  .n_ff = 256,
                  .head = Head::untied});
  Family family{.neighbours = true};
  std::vector<float> factors;
  for (int i = 0; i < 32; ++i) factors.push_back(1.0F + static_cast<float>(i) / 8.0F);
  tiny.tensors["rope_freqs.weight"] = TinyTensor::of({32}, factors);
  family.rope_factors.assign(factors.begin(), factors.end());
  EXPECT_LT(error_against_reference(tiny, family), kErrorMax);
}

TEST(Forward, computes_qwen2_with_biases_and_an_untied_head) {
  TinyModel tiny({.architecture = "qwen2",
                  .types = {DType::f16, DType::bf16, DType::f32},
                  .n_embd = 96,
                  .n_heads = 6,
                  .n_ff = 160,
                  .head = Head::untied});
  EXPECT_LT(error_against_reference(tiny, {.biases = true}), kErrorMax);
}

TEST(Forward, computes_qwen3_with_head_norms_and_heads_wider_than_the_embedding) {
  TinyModel tiny({.architecture = "qwen3",
                  .types = {DType::q8_0, DType::q5_1},
                  .n_kv_heads = 1,
                  .head_dim = 32});
  EXPECT_LT(error_against_reference(tiny, {.head_norms = true}), kErrorMax);
}

TinyOptions tiny_gemma() {
  return {.architecture = "gemma3",
          .types = {DType::q5_0, DType::q8_0},
          .n_embd = 96,
          .n_kv_heads = 1,
          .head_dim = 32,
          .n_layers = 7};
}

TEST(Forward, computes_gemma3_with_windows_two_bases_and_norms_behind_blocks) {
  TinyModel tiny(tiny_gemma());
  EXPECT_LT(error_against_reference(tiny, {.head_norms = true, .gemma = true}), kErrorMax);
}

TEST(Forward, divides_positions_of_global_layers_only) {
  TinyModel tiny(tiny_gemma());
  tiny.metadata["gemma3.rope.scaling.type"] = std::string_view("linear");
  tiny.metadata["gemma3.rope.scaling.factor"] = 8.0;
  const Family scaled{.head_norms = true, .gemma = true, .position_scale = 8.0};
  EXPECT_LT(error_against_reference(tiny, scaled), kErrorMax);
  EXPECT_GT(error_against_reference(tiny, {.head_norms = true, .gemma = true}), kErrorMax);
}

TEST(Forward, the_comparison_sees_a_window_that_is_one_position_too_wide) {
  TinyModel tiny(tiny_gemma());
  TinyOptions wider = tiny_gemma();
  ++wider.sliding_window;
  TinyModel other(wider);
  other.metadata["gemma3.attention.sliding_window"] = std::uint64_t{24};
  EXPECT_GT(error_against_reference(other, {.head_norms = true, .gemma = true}), kErrorMax);
}

TEST(Forward, a_cancelled_pass_stops_and_the_sequence_goes_on_from_where_it_was) {
  TinyModel tiny({.n_layers = 4});
  const std::string bytes = tiny.bytes();
  ThreadPool pool(2);
  const auto model = load_bytes(bytes, false, pool).value();
  const auto tokens = random_tokens(40, tiny.n_vocabulary(), 3);
  const auto want = TinyRun(*model, pool).feed(tokens, 20);

  TinyRun run(*model, pool);
  auto got = run.feed(std::span(tokens).first(20), 20);
  Cancel cancel;
  cancel.request();
  EXPECT_TRUE(run.feed(std::span(tokens).subspan(20), 20, cancel).empty());
  EXPECT_EQ(run.position(), 20);
  const auto rest = run.feed(std::span(tokens).subspan(20), 20);
  got.insert(got.end(), rest.begin(), rest.end());
  EXPECT_EQ(got, want);
}

TEST(Forward, takes_float_and_quantised_matrices_in_one_stage) {
  TinyModel tiny({.types = {DType::q8_0, DType::f16}});  // q, v and gate f16; k, up and head q8_0
  const std::string bytes = tiny.bytes();
  ThreadPool pool(2);
  const auto fast = load_bytes(bytes, false, pool).value();
  const auto exact = load_bytes(bytes, true, pool).value();
  const auto tokens = random_tokens(kTokens, tiny.n_vocabulary(), 5);
  for (const int chunk : {1, kTokens}) {
    const auto got = TinyRun(*fast, pool).feed(tokens, chunk);
    const auto want = TinyRun(*exact, pool).feed(tokens, chunk);
    double error = 0, squares = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      const double difference = got.at(i) - want[i];
      error += difference * difference;
      squares += static_cast<double>(want[i]) * want[i];
    }
    EXPECT_LT(error / squares, 1e-3) << "chunks of " << chunk;  // 8-bit activations: about 3e-4
  }
}

TEST(Forward, computes_only_the_logits_that_are_asked_for) {
  TinyModel tiny({.types = {DType::q8_0}});
  const std::string bytes = tiny.bytes();
  ThreadPool pool(1);
  const auto model = load_bytes(bytes, false, pool).value();
  const auto tokens = random_tokens(9, tiny.n_vocabulary(), 3);
  const auto all = TinyRun(*model, pool).feed(tokens, 9);
  auto cache = KvCache::create(model->config(), 16, kernel::CacheType::f16).value();
  const auto workspace = Workspace::create(*model, 9, 16, 1).value();
  const auto width = static_cast<std::size_t>(tiny.n_vocabulary());
  std::vector<float> last(2 * width);
  EXPECT_TRUE(forward(*model, cache, *workspace, pool, tokens, 0, 2, last, Cancel()));
  EXPECT_TRUE(
      std::equal(last.begin(), last.end(), all.end() - static_cast<std::ptrdiff_t>(last.size())));
  EXPECT_TRUE(forward(*model, cache, *workspace, pool, tokens, 0, 0, {}, Cancel()));
}

TEST(KvCache, says_how_much_memory_could_not_be_had) {
  ModelConfig config;
  config.n_layers = 512;
  config.n_kv_heads = 1024;
  config.head_dim = 512;
  const auto cache = KvCache::create(config, 1 << 24, kernel::CacheType::f32);
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().code, ErrorCode::io);
  EXPECT_NE(cache.error().what.find("36028797018963968 bytes"), std::string::npos)
      << cache.error().what;
}

TEST(KvCache, rounds_positions_up_to_whole_blocks) {
  ModelConfig config;
  config.n_layers = 3;
  config.n_kv_heads = 2;
  config.head_dim = 32;
  EXPECT_EQ(KvCache::bytes(config, 17, kernel::CacheType::f16), 3U * 2 * 2 * 32 * 32 * 2);
  EXPECT_EQ(KvCache::bytes(config, 16, kernel::CacheType::f32), 3U * 2 * 2 * 16 * 32 * 4);
  // Keys of 12 bits, values of 8, and a scale of 4 bytes for each of both.
  EXPECT_EQ(KvCache::bytes(config, 17, kernel::CacheType::int8), 3U * 2 * 32 * (48 + 4 + 32 + 4));
}

TEST(KvCache, of_int8_changes_logits_little) {
  TinyModel tiny({.types = {DType::q8_0}, .head_dim = 32, .n_layers = 3});
  const std::string bytes = tiny.bytes();
  ThreadPool pool(1);
  const auto model = load_bytes(bytes, false, pool).value();
  const auto tokens = random_tokens(100, tiny.n_vocabulary(), 3);
  const auto want = TinyRun(*model, pool, kernel::CacheType::f16).feed(tokens, 100);
  const auto got = TinyRun(*model, pool, kernel::CacheType::int8).feed(tokens, 100);
  double error = 0, power = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    power += want[i] * want[i];
  }
  EXPECT_LE(error, 1e-3 * power);
  EXPECT_GT(error, 0);
}

TEST(Workspace, says_how_much_memory_could_not_be_had) {
  TinyModel tiny({});
  const std::string bytes = tiny.bytes();
  ThreadPool pool(1);
  const auto model = load_bytes(bytes, false, pool).value();
  const auto workspace =
      Workspace::create(*model, 512, std::numeric_limits<int>::max() - 15, 1 << 14);
  ASSERT_FALSE(workspace);
  EXPECT_EQ(workspace.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace plmm::model
