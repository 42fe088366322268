// A small BERT encoder with seeded random weights that is a valid safetensors file until a test
// changes it. For tests and fuzzing only.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "gguf/safetensors_forge.h"

namespace plmm::model {

struct TinyBertOptions {
  std::uint64_t n_embd = 64;
  int n_heads = 4;
  std::uint64_t n_ff = 96;
  int n_layers = 2;
  std::uint64_t n_vocabulary = 20;
  std::uint64_t n_positions = 64;
};

/// Change tensors as you like before bytes().
class TinyBert {
 public:
  struct Tensor {
    std::vector<std::uint64_t> shape;
    std::vector<float> values;
  };

  explicit TinyBert(const TinyBertOptions& options = {}) : options_(options) {
    const std::uint64_t n = options.n_embd, ff = options.n_ff;
    add("embeddings.word_embeddings.weight", {options.n_vocabulary, n}, 0, 1.0);
    add("embeddings.position_embeddings.weight", {options.n_positions, n}, 0, 0.5);
    add("embeddings.token_type_embeddings.weight", {2, n}, 0, 0.5);
    add_norm("embeddings.LayerNorm");
    for (int i = 0; i < options.n_layers; ++i) {
      const std::string layer = "encoder.layer." + std::to_string(i) + ".";
      for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value",
                               "attention.output.dense"}) {
        add_linear(layer + name, n, n);
      }
      add_linear(layer + "intermediate.dense", ff, n);
      add_linear(layer + "output.dense", n, ff);
      add_norm(layer + "attention.output.LayerNorm");
      add_norm(layer + "output.LayerNorm");
    }
    add_linear("pooler.dense", n, n);
  }

  const TinyBertOptions& options() const { return options_; }

  std::string bytes() const {
    gguf::SafetensorsForge forge;
    forge.add("embeddings.position_ids", "I64", {1}, std::string(8, '\0'));
    for (const auto& [name, tensor] : tensors) {
      std::string data(tensor.values.size() * sizeof(float), '\0');
      std::memcpy(data.data(), tensor.values.data(), data.size());
      forge.add(name, "F32", tensor.shape, data);
    }
    return forge.bytes();
  }

  std::map<std::string, Tensor> tensors;

 private:
  void add(const std::string& name, const std::vector<std::uint64_t>& shape, double mean,
           double spread) {
    std::uint64_t n = 1;
    for (const std::uint64_t dim : shape) n *= dim;
    std::vector<float> values(n);
    for (float& x : values) x = static_cast<float>(mean + (rng_.uniform() - 0.5) * 2 * spread);
    tensors[name] = {shape, std::move(values)};
  }
  void add_linear(const std::string& name, std::uint64_t n_out, std::uint64_t n_in) {
    add(name + ".weight", {n_out, n_in}, 0, 0.25);
    add(name + ".bias", {n_out}, 0, 0.25);
  }
  void add_norm(const std::string& name) {
    add(name + ".weight", {options_.n_embd}, 1, 0.25);
    add(name + ".bias", {options_.n_embd}, 0, 0.25);
  }

  TinyBertOptions options_;
  Rng rng_{7};
};

}  // namespace plmm::model
