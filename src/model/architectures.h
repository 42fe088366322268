// The architectures we run, by the name in general.architecture. Adding one: a file in arch/ and a
// line in the table.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "gguf/reader.h"
#include "model/config.h"

namespace plmm::model {

struct Architecture {
  std::string_view name;
  /// Fills what differs from read_common(). corrupt_data or unsupported.
  Result<ModelConfig> (*read)(const gguf::Reader& reader);
};

std::span<const Architecture> architectures();

/// The configuration of a file, sizes checked against each other and against the limits of
/// config.h.
Result<ModelConfig> read_config(const gguf::Reader& reader);

/// What all transformers of the llama family write: "<architecture>.block_count" and so on.
Result<ModelConfig> read_common(const gguf::Reader& reader, std::string_view architecture);

Result<ModelConfig> read_llama(const gguf::Reader& reader);
Result<ModelConfig> read_qwen2(const gguf::Reader& reader);
Result<ModelConfig> read_qwen3(const gguf::Reader& reader);
Result<ModelConfig> read_gemma3(const gguf::Reader& reader);

}  // namespace plmm::model
