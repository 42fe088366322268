// Small models with seeded random weights that are valid GGUF files until a test changes them. For
// tests and fuzzing only.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "gguf/writer.h"
#include "model/tiny_tensor.h"
#include "text/tiny_vocabulary.h"

namespace plmm::model {

enum class Head : std::uint8_t { tied, untied };

struct TinyOptions {
  std::string architecture = "llama";
  std::vector<tensor::DType> types = {tensor::DType::f32};  // the matrices take them in turn
  int n_embd = 64;
  int n_heads = 4;
  int n_kv_heads = 2;
  int head_dim = 16;
  int n_ff = 96;
  int n_layers = 2;
  int n_context = 128;
  int sliding_window = 24;  // gemma3 only
  Head head = Head::tied;
  std::uint64_t seed = 1;
};

/// Change what you like before bytes(); a value's texts must outlive the model.
class TinyModel {
 public:
  explicit TinyModel(const TinyOptions& options)
      : TinyModel(options, options.architecture == "gemma3" ? text::TinyVocabulary::spm()
                                                            : text::TinyVocabulary::bpe("gpt-2")) {}
  TinyModel(TinyOptions options, text::TinyVocabulary vocabulary)
      : options_(std::move(options)), vocabulary_(std::move(vocabulary)), rng_(options_.seed) {
    describe();
    describe_vocabulary();
    add_tensors();
  }
  TinyModel(const TinyModel&) = delete;
  TinyModel& operator=(const TinyModel&) = delete;
  ~TinyModel() = default;

  std::map<std::string, gguf::Value> metadata;
  std::map<std::string, TinyTensor> tensors;

  const TinyOptions& options() const { return options_; }
  int n_vocabulary() { return static_cast<int>(vocabulary_.spec().tokens.size()); }
  std::string key(std::string_view name) const {
    return options_.architecture + "." + std::string(name);
  }

  std::string bytes() const {
    gguf::Writer writer;
    for (const auto& [name, value] : metadata) CHECK(writer.add(name, value));
    for (const auto& [name, t] : tensors) {
      CHECK(writer.add_tensor(name, t.type, t.ne, std::as_bytes(std::span(t.bytes))));
    }
    std::string out;
    CHECK(writer.write([&](std::span<const std::byte> bytes) -> Result<> {
      out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }));
    return out;
  }

 private:
  static std::uint64_t u(int n) { return static_cast<std::uint64_t>(n); }

  void describe() {
    const TinyOptions& o = options_;
    metadata["general.architecture"] = std::string_view(options_.architecture);
    metadata[key("block_count")] = u(o.n_layers);
    metadata[key("embedding_length")] = u(o.n_embd);
    metadata[key("feed_forward_length")] = u(o.n_ff);
    metadata[key("attention.head_count")] = u(o.n_heads);
    metadata[key("attention.head_count_kv")] = u(o.n_kv_heads);
    metadata[key("attention.key_length")] = u(o.head_dim);
    metadata[key("attention.value_length")] = u(o.head_dim);
    metadata[key("attention.layer_norm_rms_epsilon")] = 1e-5;
    metadata[key("rope.freq_base")] = 50000.0;
    metadata[key("context_length")] = u(o.n_context);
    if (o.architecture == "gemma3") metadata[key("attention.sliding_window")] = u(o.sliding_window);
  }

  void describe_vocabulary() {
    const text::VocabularySpec& spec = vocabulary_.spec();
    const std::string prefix = "tokenizer.ggml.";
    metadata[prefix + "model"] = std::string_view(spec.model);
    metadata[prefix + "tokens"] = spec.tokens;
    std::vector<std::int64_t> kinds;
    for (const auto kind : spec.kinds) kinds.push_back(static_cast<std::int64_t>(kind));
    metadata[prefix + "token_type"] = kinds;
    if (!spec.pre.empty()) metadata[prefix + "pre"] = std::string_view(spec.pre);
    if (!spec.merges.empty()) metadata[prefix + "merges"] = spec.merges;
    if (!spec.scores.empty())
      metadata[prefix + "scores"] = std::vector<double>(spec.scores.begin(), spec.scores.end());
    const auto id = [&](const char* name, const std::optional<text::TokenId>& value) {
      if (value) metadata[prefix + name] = u(*value);
    };
    id("bos_token_id", spec.bos);
    id("eos_token_id", spec.eos);
    id("unknown_token_id", spec.unknown);
  }

  void matrix(const std::string& name, int n_in, int n_out) {
    const auto type = options_.types[n_matrices_++ % options_.types.size()];
    const float spread = 1.0F / std::sqrt(static_cast<float>(n_in));
    tensors[name] = {
        type, {u(n_in), u(n_out)}, random_elements(rng_, type, u(n_in) * u(n_out), spread)};
  }
  void vector(const std::string& name, int n, float centre) {
    std::vector<float> values(u(n));
    for (float& x : values) x = centre + static_cast<float>(rng_.uniform() - 0.5) * 0.5F;
    tensors[name] = TinyTensor::of({u(n)}, values);
  }

  void add_tensors() {
    const TinyOptions& o = options_;
    const int n_rows = n_vocabulary();
    matrix("token_embd.weight", o.n_embd, n_rows);
    vector("output_norm.weight", o.n_embd, 1.0F);
    for (int i = 0; i < o.n_layers; ++i) add_layer("blk." + std::to_string(i) + ".");
    if (o.head == Head::untied) matrix("output.weight", o.n_embd, n_rows);
  }
  void add_layer(const std::string& layer) {
    const TinyOptions& o = options_;
    const int q = o.n_heads * o.head_dim, kv = o.n_kv_heads * o.head_dim;
    vector(layer + "attn_norm.weight", o.n_embd, 1.0F);
    matrix(layer + "attn_q.weight", o.n_embd, q);
    matrix(layer + "attn_k.weight", o.n_embd, kv);
    matrix(layer + "attn_v.weight", o.n_embd, kv);
    matrix(layer + "attn_output.weight", q, o.n_embd);
    vector(layer + "ffn_norm.weight", o.n_embd, 1.0F);
    matrix(layer + "ffn_gate.weight", o.n_embd, o.n_ff);
    matrix(layer + "ffn_up.weight", o.n_embd, o.n_ff);
    matrix(layer + "ffn_down.weight", o.n_ff, o.n_embd);
    if (o.architecture == "qwen2") {
      vector(layer + "attn_q.bias", q, 0.0F);
      vector(layer + "attn_k.bias", kv, 0.0F);
      vector(layer + "attn_v.bias", kv, 0.0F);
    }
    if (o.architecture == "qwen3" || o.architecture == "gemma3") {
      vector(layer + "attn_q_norm.weight", o.head_dim, 1.5F);
      vector(layer + "attn_k_norm.weight", o.head_dim, 1.5F);
    }
    if (o.architecture == "gemma3") {
      vector(layer + "post_attention_norm.weight", o.n_embd, 0.7F);
      vector(layer + "post_ffw_norm.weight", o.n_embd, 0.7F);
    }
  }

  TinyOptions options_;
  text::TinyVocabulary vocabulary_;
  Rng rng_;
  std::size_t n_matrices_ = 0;
};

}  // namespace plmm::model
