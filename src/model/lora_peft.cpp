// Adapters in PEFT's folder: a JSON configuration and safetensors.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/json_object.h"
#include "base/narrow.h"
#include "gguf/format.h"
#include "gguf/safetensors.h"
#include "model/lora_file.h"
#include "model/lora_parts.h"

namespace plmm::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kModules[kLoraTargets] = {
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};
constexpr std::string_view kArchitectureKey = "plmm.architecture";
constexpr std::string_view kFingerprintKey = "plmm.base_fingerprint";
constexpr int kJsonDepthMax = 8;

std::string tensor_name(int layer, LoraTarget target, LoraSide side) {
  return "base_model.model.model.layers." + std::to_string(layer) + "." +
         std::string(kModules[static_cast<std::size_t>(target)]) +
         (side == LoraSide::a ? ".lora_A.weight" : ".lora_B.weight");
}

/// Also as older versions and multimodal models write it.
std::optional<LoraPlace> place_of(std::string_view name) {
  LoraPlace out;
  take_prefix(name, "base_model.model.");
  take_prefix(name, "model.");
  take_prefix(name, "language_model.");
  if (!take_prefix(name, "layers.") || !take_layer(name, out.layer)) return {};
  for (std::size_t i = 0; i < kLoraTargets; ++i) {
    std::string_view rest = name;
    if (!take_prefix(rest, kModules[i])) continue;
    out.target = static_cast<LoraTarget>(i);
    if (rest == ".lora_A.weight" || rest == ".lora_A.default.weight") return out;
    out.side = LoraSide::b;
    if (rest == ".lora_B.weight" || rest == ".lora_B.default.weight") return out;
  }
  return {};
}

struct PeftConfig {
  double alpha = 0;
  double rank = 0;
  bool by_root = false;  // rsLoRA: alpha / sqrt(rank)
};

/// A key that is there, and neither null, false nor empty.
bool says(const Json& config, const char* key) {
  const auto at = config.find(key);
  if (at == config.end() || at->is_null()) return false;
  if (at->is_boolean()) return at->get<bool>();
  return !(at->is_array() || at->is_object() || at->is_string()) || !at->empty();
}

Result<PeftConfig> read_config(std::string_view text, const std::string& name) {
  const Json config = parse_object<Json>(text, kJsonDepthMax);
  const auto refuse = [&](ErrorCode code, const std::string& what) {
    return fail(code, name + ": " + std::string(kPeftConfigName) + " " + what);
  };
  if (config.is_discarded()) return refuse(ErrorCode::corrupt_data, "is no JSON object");
  if (says(config, "peft_type") && config["peft_type"] != "LORA")
    return refuse(ErrorCode::unsupported, "is of a kind other than LORA");
  for (const char* key : {"use_dora", "fan_in_fan_out", "modules_to_save", "alpha_pattern",
                          "layer_replication", "trainable_token_indices", "lora_bias"}) {
    if (says(config, key))
      return refuse(ErrorCode::unsupported, std::string("asks for ") + key + ", which is not here");
  }
  if (says(config, "bias") && config["bias"] != "none")
    return refuse(ErrorCode::unsupported, "asks for trained biases, which are not here");
  PeftConfig out;
  for (const auto& [key, to] : {std::pair("lora_alpha", &out.alpha), std::pair("r", &out.rank)}) {
    const auto at = config.find(key);
    if (at == config.end() || !at->is_number())
      return refuse(ErrorCode::corrupt_data, std::string("lacks the number ") + key);
    *to = at->get<double>();
  }
  if (!(out.rank >= 1 && out.rank <= kLoraRankMax))
    return refuse(ErrorCode::unsupported, "has a rank outside 1 to 256");
  out.by_root = says(config, "use_rslora");
  if (out.by_root && says(config, "rank_pattern"))
    return refuse(ErrorCode::unsupported, "has use_rslora and rank_pattern at once");
  return out;
}

Result<LoraAdapter> read_folder(const std::filesystem::path& folder, const ModelConfig& base) {
  auto config = read_file(folder / kPeftConfigName, kLoraConfigBytesMax);
  if (!config && config.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, folder.string() + ": no adapter in it (" +
                                          std::string(kPeftConfigName) + " is missing)");
  }
  if (!config) return std::unexpected(std::move(config).error());
  const auto weights = TRY(MappedFile::open(folder / kPeftWeightsName));
  return parse_peft(*config, weights.bytes(), folder.string(), base);
}

/// The readers of models end their errors with what to do about a model.
template <class T>
Result<T> of_adapter(Result<T> from) {
  if (from) return from;
  Error error = std::move(from).error();
  error.what.resize(std::min(error.what.size(), error.what.find(". Run: ")));
  return std::unexpected(std::move(error));
}

}  // namespace

Result<LoraAdapter> parse_peft(std::string_view config, std::span<const std::byte> weights,
                               std::string_view name, const ModelConfig& base) {
  const std::string folder(name);
  const PeftConfig known = TRY(read_config(config, folder));
  const auto file = TRY(of_adapter(gguf::SafetensorsReader::parse(weights, name)));
  LoraBuilder builder(base, folder);
  for (const gguf::Safetensor& tensor : file.tensors()) {
    const auto place = place_of(tensor.name);
    if (!place) return builder.unknown(tensor.name);
    if (tensor.shape.size() != 2) return builder.misshapen(tensor.name);
    TRY(builder.add(*place, tensor.name, tensor.type, tensor.shape[0], tensor.shape[1],
                    tensor.data));
  }
  const auto said = [&](std::string_view key) {
    const auto at = file.metadata().find(key);
    return at == file.metadata().end() ? std::string() : at->second;
  };
  const double alpha = known.by_root ? known.alpha * std::sqrt(known.rank) : known.alpha;
  const std::string architecture = said(kArchitectureKey);
  auto out = TRY(std::move(builder).finish(alpha, architecture));
  out.base_fingerprint = kept_fingerprint(said(kFingerprintKey));
  return out;
}

Result<LoraAdapter> load_lora(const std::filesystem::path& path, const ModelConfig& base) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return read_folder(path, base);
  const auto reader = TRY(of_adapter(gguf::Reader::open(path)));
  return read_gguf_lora(reader, base);
}

Result<> save_peft(const LoraAdapter& adapter, const std::filesystem::path& folder,
                   std::string_view base_name) {
  TRY(make_private_folder(folder));
  std::vector<gguf::Safetensor> tensors;
  std::set<std::string> modules;
  const auto u = [](int n) { return static_cast<std::uint64_t>(n); };
  for (int i = 0; i < narrow<int>(adapter.layers.size()); ++i) {
    for (const LoraTarget target : all_lora_targets()) {
      const LoraPair& pair = adapter.pair(i, target);
      if (pair.empty()) continue;
      const std::string_view module = kModules[static_cast<std::size_t>(target)];
      modules.emplace(module.substr(module.find('.') + 1));
      tensors.push_back({tensor_name(i, target, LoraSide::a),
                         tensor::DType::f32,
                         {u(pair.rank), u(pair.n_in)},
                         std::as_bytes(std::span(pair.a))});
      tensors.push_back({tensor_name(i, target, LoraSide::b),
                         tensor::DType::f32,
                         {u(pair.n_out), u(pair.rank)},
                         std::as_bytes(std::span(pair.b))});
    }
  }
  gguf::SafetensorsMetadata metadata{{"format", "pt"},
                                     {std::string(kArchitectureKey), adapter.architecture}};
  if (!adapter.base_fingerprint.empty())
    metadata[std::string(kFingerprintKey)] = adapter.base_fingerprint;
  TRY(gguf::write_safetensors(folder / kPeftWeightsName, std::move(tensors), metadata));
  const Json config{{"peft_type", "LORA"},
                    {"task_type", "CAUSAL_LM"},
                    {"base_model_name_or_path", base_name},
                    {"r", adapter.rank},
                    {"lora_alpha", adapter.alpha},
                    {"lora_dropout", 0.0},
                    {"target_modules", modules},
                    {"bias", "none"},
                    {"fan_in_fan_out", false},
                    {"use_rslora", false},
                    {"inference_mode", true}};
  return write_file_atomically(folder / kPeftConfigName, config.dump(2) + "\n");
}

}  // namespace plmm::model
