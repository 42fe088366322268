// A language model in memory: configuration, packed weights and tokenizer, made from one GGUF file.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/thread_pool.h"
#include "gguf/reader.h"
#include "kernel/dispatch.h"
#include "model/config.h"
#include "model/weights.h"
#include "text/tokenizer.h"

namespace plmm::model {

/// Bytes and element counts by tensor class, as the file stores them (plmm show).
struct TensorClass {
  std::string name;  // "embedding", "attention", "feed-forward", "norm and bias", "head"
  tensor::DType type;
  std::uint64_t n_elements = 0;
  std::uint64_t bytes = 0;
  int n_tensors = 0;
};

/// The class of a tensor by its name.
std::string_view tensor_class(std::string_view name);

/// What can be said of a file without packing it.
struct Summary {
  ModelConfig config;
  std::string architecture, general_name, licence, chat_template;
  std::uint64_t n_parameters = 0;
  std::uint64_t file_bytes = 0;
  std::vector<TensorClass> classes;
};

/// Checks metadata and tensors without packing. corrupt_data or unsupported on a file we cannot
/// run.
Result<Summary> summarise(const gguf::Reader& reader);

/// What tokenizer.ggml.* says; views into the file. corrupt_data for wrong kinds, ids out of range
/// or missing lists.
Result<text::VocabularySpec> read_vocabulary(const gguf::Reader& reader);

/// Immutable after load and, perhaps, shorten_head().
class Model {
 public:
  /// Reads, checks and packs. `exact` keeps every weight as f32; packed_folder as pack_weights().
  static Result<std::unique_ptr<Model>> load(gguf::Reader reader, const kernel::Kernels& kernels,
                                             bool exact, ThreadPool& pool,
                                             const std::filesystem::path& packed_folder = {});

  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  const text::Tokenizer& tokenizer() const { return *tokenizer_; }
  const gguf::Reader& reader() const { return reader_; }
  /// Which file it is (model/file_identity.h), as it was when it was loaded where that is known.
  Result<Checksum> identity() const;
  const kernel::Kernels& kernels() const { return *kernels_; }
  bool exact() const { return exact_; }
  /// From now on forward() writes the first n of each row of logits and leaves the others as they
  /// are: for drafts, which need not know rare tokens, and vocabularies list the frequent ones
  /// first. Rounded up to whole panels.
  void shorten_head(int n);
  /// Bytes of the packed weights. Every decoded token reads all of them, and one row of the
  /// embedding, which stays in the file.
  std::uint64_t bytes_per_token() const;

 private:
  explicit Model(gguf::Reader reader) : reader_(std::move(reader)) {}
  gguf::Reader reader_;
  ModelConfig config_;
  Weights weights_;
  std::unique_ptr<text::Tokenizer> tokenizer_;
  const kernel::Kernels* kernels_ = nullptr;
  bool exact_ = false;
};

}  // namespace plmm::model
