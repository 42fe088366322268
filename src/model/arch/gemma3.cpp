// Gemma 3: scaled embedding, norms before and after each block, five sliding-window layers for each
// global one.
#include <cmath>

#include "model/architectures.h"

namespace plmm::model {
namespace {

constexpr float kLocalTheta =
    10000.0F;                    // the files do not say it; Gemma 3 report (arXiv 2503.19786), §2
constexpr int kGlobalEvery = 6;  // likewise

}  // namespace

Result<ModelConfig> read_gemma3(const gguf::Reader& reader) {
  auto config = TRY(read_common(reader, "gemma3"));
  config.qk_norm = true;
  config.post_norms = true;
  config.activation = Activation::gelu;
  config.embedding_scale = std::sqrt(static_cast<float>(config.n_embd));
  config.sliding_window =
      static_cast<int>(TRY(reader.u64("gemma3.attention.sliding_window", 1, kContextMax)));
  config.global_every = kGlobalEvery;
  config.rope_theta_local = kLocalTheta;
  if (reader.find("gemma3.rope.freq_base") == nullptr) config.rope_theta = 1e6F;
  return config;
}

}  // namespace plmm::model
