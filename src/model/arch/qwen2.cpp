// Qwen2 and Qwen2.5: biases on queries, keys and values.
#include "model/architectures.h"

namespace plmm::model {

Result<ModelConfig> read_qwen2(const gguf::Reader& reader) {
  auto config = TRY(read_common(reader, "qwen2"));
  config.qkv_bias = true;
  return config;
}

}  // namespace plmm::model
