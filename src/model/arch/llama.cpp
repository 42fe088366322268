// Llama and its kin (SmolLM2, Mistral, TinyLlama …): the plain case. Their files keep rotated pairs
// as neighbours.
#include "model/architectures.h"

namespace plmm::model {

Result<ModelConfig> read_llama(const gguf::Reader& reader) {
  auto config = TRY(read_common(reader, "llama"));
  config.rope_pairs = RopePairs::neighbours;
  return config;
}

}  // namespace plmm::model
