// An adapter as bytes for the vault: half the size of its file, and nothing that its base model
// knows.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "model/lora.h"

namespace plmm::learn {

/// Numbers as f16, as the packed adapter has them. docs/formats/learn.md.
std::string to_bytes(const model::LoraAdapter& adapter);

/// corrupt_data for what to_bytes() did not write; invalid_argument where it does not fit `base`.
Result<model::LoraAdapter> parse_adapter(std::span<const std::byte> bytes,
                                         const model::ModelConfig& base);

}  // namespace plmm::learn
