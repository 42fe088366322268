// Sentence embeddings: texts in, vectors of length 1 out, whose dot product says how near two texts
// are in meaning.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm {
class ThreadPool;
}
namespace plmm::model {
class Bert;
class BertWorkspace;
}  // namespace plmm::model
namespace plmm::text {
class WordPiece;
}

namespace plmm::infer {

/// How weights are kept, and what that costs on all-MiniLM-L6-v2: the cosine with the embedding of
/// the file's own weights.
enum class EmbedderPrecision : std::uint8_t {
  int8,  // 8-bit activations too; twice as fast, a quarter of the memory; about 0.9997
  f16,   // above 0.999999
  f32,   // the file's own
};

struct EmbedderOptions {
  int n_threads = 0;  // 0: one per core
  std::string tier;   // kernel tier by name; empty: the best this CPU has
  EmbedderPrecision precision = EmbedderPrecision::f16;
  int n_tokens_max = 256;  // of a text, [CLS] and [SEP] included; what all-MiniLM-L6-v2 is made for
  int n_heads = 12;        // the file does not say it: BERT base and MiniLM have 12
};

/// A BERT encoder with mean pooling (all-MiniLM-L6-v2). Computes for one caller at a time.
class Embedder {
 public:
  /// `weights` is a .safetensors file with its vocabulary beside it, NAME.vocab.txt (as `plmm pull`
  /// puts them) or vocab.txt; or a folder with model.safetensors and vocab.txt. Errors: not_found,
  /// io; corrupt_data, limit_exceeded or unsupported for files that we cannot run;
  /// invalid_argument for a tier that this CPU lacks or a length that the model lacks.
  static Result<std::unique_ptr<Embedder>> load(const std::filesystem::path& weights,
                                                const EmbedderOptions& options = {});
  ~Embedder();

  /// Numbers of an embedding.
  int dimension() const;

  /// out [texts.size()][dimension()]. UTF-8; a longer text is cut, an empty one has an embedding
  /// too. invalid_argument when out has another size; corrupt_data when a weight made a number that
  /// is none. The same bits for every number of threads, tier and cut into calls.
  Result<> embed(std::span<const std::string_view> texts, std::span<float> out);

 private:
  Embedder();
  void tokenize(std::span<const std::string_view> texts,
                std::vector<std::vector<std::int32_t>>& tokens);

  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<model::Bert> bert_;
  std::unique_ptr<const text::WordPiece> tokenizer_;
  std::vector<model::BertWorkspace> workspaces_;  // one per thread
  std::size_t n_tokens_max_ = 0;
};

}  // namespace plmm::infer
