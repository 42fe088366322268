// Loads a tiny model and feeds it sequences. For tests and fuzzing only.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "model/forward.h"
#include "model/tiny_model.h"

namespace plmm::model {

inline Result<std::unique_ptr<Model>> load_bytes(const std::string& bytes, bool exact,
                                                 ThreadPool& pool, std::string_view tier = "") {
  auto reader = TRY(gguf::Reader::parse(std::as_bytes(std::span(bytes)), "tiny.gguf"));
  return Model::load(std::move(reader), *kernel::find_kernels(tier), exact, pool);
}

inline std::vector<text::TokenId> random_tokens(int n, int n_vocabulary, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<text::TokenId> out;
  for (int i = 0; i < n; ++i) {
    out.push_back(static_cast<text::TokenId>(rng.below(static_cast<std::uint64_t>(n_vocabulary))));
  }
  return out;
}

/// A sequence being fed, with a cache and a workspace of its own.
class TinyRun {
 public:
  TinyRun(const Model& model, ThreadPool& pool,
          kernel::CacheType fast_cache = kernel::CacheType::f16)
      : model_(&model),
        pool_(&pool),
        cache_(KvCache::create(model.config(), model.config().n_context,
                               model.exact() ? kernel::CacheType::f32 : fast_cache)
                   .value()),
        workspace_(Workspace::create(model, model.config().n_context, model.config().n_context,
                                     pool.size())
                       .value()) {}

  /// Logits of every token, [tokens][n_vocabulary]; what comes after a cancelled pass is missing.
  std::vector<float> feed(std::span<const text::TokenId> tokens, int chunk,
                          const Cancel& cancel = Cancel()) {
    const auto width = static_cast<std::size_t>(model_->config().n_vocabulary);
    std::vector<float> out;
    while (!tokens.empty()) {
      const auto part = tokens.first(std::min(static_cast<std::size_t>(chunk), tokens.size()));
      std::vector<float> logits(part.size() * width);
      if (!forward(*model_, cache_, *workspace_, *pool_, part, position_,
                   static_cast<int>(part.size()), logits, cancel, lora_)) {
        break;
      }
      out.insert(out.end(), logits.begin(), logits.end());
      position_ += static_cast<int>(part.size());
      tokens = tokens.subspan(part.size());
    }
    return out;
  }
  int position() const { return position_; }
  /// From the next feed() on.
  void use(AppliedLora lora) { lora_ = lora; }

 private:
  const Model* model_;
  ThreadPool* pool_;
  KvCache cache_;
  std::unique_ptr<Workspace> workspace_;
  int position_ = 0;
  AppliedLora lora_;
};

}  // namespace plmm::model
