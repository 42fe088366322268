// A model ready to run: weights packed for this CPU, its tokenizer, its template and the threads
// that compute it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "infer/sampler.h"
#include "kernel/cache_layout.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace plmm {
class ThreadPool;
}
namespace plmm::model {
class Model;
}

namespace plmm::infer {

class Engine;

/// fast: quantised weights and 8-bit activations. exact: every weight decoded to f32, f32
/// arithmetic and f32 cache; 4 bytes a weight, for measuring against.
enum class Precision : std::uint8_t { fast, exact };

struct LoadOptions {
  int n_threads = 0;  // 0: one per core
  std::string tier;   // kernel tier by name; empty: the best this CPU has
  Precision precision = Precision::fast;
  /// Of the key-value caches of every sequence; with Precision::exact they are f32.
  kernel::CacheType kv_cache = kernel::CacheType::int8;
  std::optional<text::TemplateFamily> chat_template;  // overrides what the file says
  /// Where packed weights are kept for the next load; empty: nowhere.
  std::filesystem::path packed_folder = {};
  /// Computes with the threads of this engine, which never computes at the same time; n_threads
  /// then counts for nothing. null: with threads of its own.
  const Engine* threads_of = nullptr;
  /// For a draft model: only so many of the first tokens of its vocabulary have logits, the others
  /// keep what stood in the buffer. 0: all have.
  int n_head_rows = 0;
};

struct LoadStats {
  double open_s = 0;  // mapping the file and parsing its metadata, starting the threads
  double pack_s = 0;  // all else: checking and repacking the weights, building the tokenizer
  std::uint64_t packed_bytes = 0;
  bool was_packed = false;  // by an earlier run: mapped
};

/// Shared by any number of sessions, but computes for one at a time.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& gguf,
                                              const LoadOptions& options);
  ~Engine();

  const model::Model& model() const { return *model_; }
  const text::Tokenizer& tokenizer() const;
  /// The template recognised (or forced); the recognition's error when there was none, raised at
  /// the first chat.
  const Result<text::TemplateFamily>& chat_template() const { return template_; }
  /// What the file's own ChatML template says first when a chat has no system text; often empty,
  /// and always where another template is forced.
  const std::string& default_system() const { return default_system_; }
  std::string_view tier() const;
  kernel::CacheType cache_type() const { return cache_type_; }
  const LoadStats& load_stats() const { return stats_; }
  ThreadPool& pool() { return *pool_; }

 private:
  Engine();
  std::shared_ptr<ThreadPool> pool_;
  std::unique_ptr<model::Model> model_;
  Result<text::TemplateFamily> template_ = text::TemplateFamily::plain;
  std::string default_system_;
  kernel::CacheType cache_type_ = kernel::CacheType::int8;
  LoadStats stats_;
};

}  // namespace plmm::infer
