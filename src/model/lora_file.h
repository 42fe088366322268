// Adapters as files, both ways: PEFT's folder and llama.cpp's GGUF. docs/formats/adapter.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gguf/reader.h"
#include "model/lora.h"

namespace plmm::model {

inline constexpr std::uint64_t kLoraConfigBytesMax = 1U << 20U;
/// The files of PEFT's folder.
inline constexpr std::string_view kPeftConfigName = "adapter_config.json";
inline constexpr std::string_view kPeftWeightsName = "adapter_model.safetensors";

/// A folder is PEFT's, a file GGUF's. What comes back has passed check_lora() for `base`.
/// not_found, io; corrupt_data, unsupported or limit_exceeded for files that lie or are of a kind
/// we do not run; invalid_argument for another model's adapter. Each names path and cause.
Result<LoraAdapter> load_lora(const std::filesystem::path& path, const ModelConfig& base);

/// The two parts of PEFT's folder in memory; `name` stands for the folder in errors.
Result<LoraAdapter> parse_peft(std::string_view config, std::span<const std::byte> weights,
                               std::string_view name, const ModelConfig& base);
/// A GGUF file that is open.
Result<LoraAdapter> read_gguf_lora(const gguf::Reader& reader, const ModelConfig& base);

/// Writes both files into `folder`, made where it is missing; f32. `base_name` is for people. Each
/// file is written atomically. io.
Result<> save_peft(const LoraAdapter& adapter, const std::filesystem::path& folder,
                   std::string_view base_name);
/// Writes one file atomically; f32. Needs: the adapter fits `base`. io.
Result<> save_gguf_lora(const LoraAdapter& adapter, const ModelConfig& base,
                        const std::filesystem::path& path, std::string_view base_name);

/// 16 hex digits of what a model file holds: metadata of its sizes, all norms, and the beginnings
/// of all matrices. Tells models and their quantisations apart; no protection against forgery.
std::string fingerprint(const gguf::Reader& model);

}  // namespace plmm::model
