// Model files on disk whose greedy answer is written down beforehand. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/rng.h"
#include "infer/engine.h"
#include "model/tiny_model.h"

namespace plmm::infer {

inline constexpr text::TokenId kEnd = 267;   // <|im_end|> of text::TinyVocabulary::bpe()
inline constexpr text::TokenId kOpen = 268;  // <|im_start|>
inline constexpr int kVocabulary = 271;      // ids below 256 are the bytes

inline text::TokenId byte(char letter) {
  return static_cast<text::TokenId>(static_cast<unsigned char>(letter));
}

inline LoadOptions on_threads(int n) {
  LoadOptions out;
  out.n_threads = n;
  return out;
}

/// A model file that goes when the test does.
class ModelFile {
 public:
  explicit ModelFile(const model::TinyModel& model) {
    static int n_files = 0;
    path_ = std::filesystem::path(testing::TempDir()) /
            ("plmm-" + std::to_string(::getpid()) + "-" + std::to_string(n_files++) + ".gguf");
    EXPECT_TRUE(write_file_atomically(path_, model.bytes()));
  }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  ~ModelFile() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::unique_ptr<Engine> load(const LoadOptions& options = on_threads(1)) const {
    auto engine = Engine::load(path_, options);
    EXPECT_TRUE(engine) << engine.error().what;
    return std::move(engine).value();
  }

 private:
  std::filesystem::path path_;
};

/// After token t the best next one is next[t], and t itself where nothing is written. The layer
/// adds nothing, so that the last token alone decides.
inline void write_script(model::TinyModel& model,
                         const std::map<text::TokenId, text::TokenId>& next) {
  const auto width = static_cast<std::size_t>(model.options().n_embd);
  for (auto& [name, tensor] : model.tensors) {
    if (tensor.ne.size() == 2) tensor.bytes.assign(tensor.bytes.size(), '\0');
  }
  // Rows of ±1 are nearly at right angles: a row's product with itself is far above all others.
  Rng rng(5);
  std::vector<float> embedding(kVocabulary * width), head(kVocabulary * width);
  for (float& x : embedding) x = rng.below(2) == 0 ? -1.0F : 1.0F;
  for (text::TokenId t = 0; t < kVocabulary; ++t) {
    const auto found = next.find(t);
    const auto to = static_cast<std::size_t>(found == next.end() ? t : found->second) * width;
    for (std::size_t i = 0; i < width; ++i)
      head[to + i] += embedding[static_cast<std::size_t>(t) * width + i];
  }
  const std::vector<std::uint64_t> shape{width, kVocabulary};
  model.tensors["token_embd.weight"] = model::TinyTensor::of(shape, embedding);
  model.tensors["output.weight"] = model::TinyTensor::of(shape, head);
  model.tensors["output_norm.weight"] =
      model::TinyTensor::of({width}, std::vector<float>(width, 1.0F));
}

/// Each byte of `text` leads to the one behind it, and the last to the end of the turn. No byte may
/// occur twice.
inline std::map<text::TokenId, text::TokenId> script(std::string_view text) {
  std::map<text::TokenId, text::TokenId> out;
  for (std::size_t i = 0; i < text.size(); ++i)
    out[byte(text[i])] = i + 1 < text.size() ? byte(text[i + 1]) : kEnd;
  return out;
}

inline model::TinyOptions script_options(int n_context = 64) {
  return {.n_embd = 128, .n_layers = 1, .n_context = n_context, .head = model::Head::untied};
}

/// What is sure to come first: no penalty, no chance.
inline SamplerOptions greedy() {
  SamplerOptions out;
  out.temperature = 0;
  out.repeat_penalty = 1;
  return out;
}

}  // namespace plmm::infer
