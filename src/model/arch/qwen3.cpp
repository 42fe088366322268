// Qwen3: norms on each query and key head, no biases.
#include "model/architectures.h"

namespace plmm::model {

Result<ModelConfig> read_qwen3(const gguf::Reader& reader) {
  auto config = TRY(read_common(reader, "qwen3"));
  config.qk_norm = true;
  return config;
}

}  // namespace plmm::model
