// What a speed test runs: a loaded model with its buffers, fed with seeded tokens.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/bench.h"
#include "infer/engine.h"
#include "model/forward.h"
#include "model/kv_cache.h"

namespace plmm::bench {

struct ModelFile {
  std::string name;  // in metrics: "smollm2-135m", or a file's stem
  std::filesystem::path path;
};

/// The models to measure: those named (not_found when one is not here), else all text models of
/// the catalogue that are here; not_found when there are none. The others get a note.
Result<std::vector<ModelFile>> find_models(const Options& options, const Output& output);

/// Loads a model with the threads and kernels that the options name.
Result<std::unique_ptr<infer::Engine>> load_engine(const Options& options, const ModelFile& file,
                                                   infer::Precision precision);

/// Feeds tokens as llama-bench does, without sampling: the peers are measured the same way.
class Workload {
 public:
  static constexpr int kContext = 2048;

  /// For at most n_context tokens, the model's own context included. The engine must outlive it.
  static Result<Workload> create(infer::Engine& engine, int n_context = kContext);

  /// Seconds to feed n ≤ 512 tokens at once into an empty cache.
  double prefill(int n);
  /// Seconds to feed n tokens one by one behind `depth` tokens.
  double decode(int n, int depth);
  /// Fills an empty cache with `depth` tokens.
  void fill(int depth);
  /// decode() behind what fill() has fed, any number of times.
  double decode_filled(int n, int depth);

 private:
  explicit Workload(infer::Engine& engine) : engine_(&engine) {}
  void feed(std::span<const text::TokenId> tokens, int position);
  std::vector<text::TokenId> tokens(int n) const;

  infer::Engine* engine_;
  std::unique_ptr<model::KvCache> cache_;
  std::unique_ptr<model::Workspace> workspace_;
  std::vector<float> logits_;
};

/// Multiply-accumulates of weights for one token of a long prompt; the head counts once a prompt.
double macs_per_prompt_token(const model::Model& model, int n_prompt);

/// Seconds from nothing in memory to the first token behind a prompt of n tokens.
Result<double> first_token(const std::filesystem::path& path, const infer::LoadOptions& load,
                           int n);

/// The middle of the values. Needs at least one.
double median(std::vector<double> values);

}  // namespace plmm::bench
