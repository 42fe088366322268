// Fuzz entry of adapter files: GGUF by its magic, else PEFT's two parts behind a length.
#include <cstring>

#include "fuzz/fuzz.h"
#include "gguf/forge.h"
#include "gguf/safetensors_forge.h"
#include "model/architectures.h"
#include "model/lora_file.h"
#include "model/tiny_lora.h"

namespace plmm::model {
namespace {

const ModelConfig& base() {
  static const ModelConfig config = [] {
    const std::string bytes = TinyModel({.n_layers = 1}).bytes();
    return read_config(gguf::Reader::parse(std::as_bytes(std::span(bytes)), "m").value()).value();
  }();
  return config;
}

Result<LoraAdapter> read(std::span<const std::byte> bytes) {
  std::uint32_t first = 0;
  if (bytes.size() < sizeof first) return fail(ErrorCode::corrupt_data, "short");
  std::memcpy(&first, bytes.data(), sizeof first);
  if (first == gguf::kMagic) {
    const auto reader = TRY(gguf::Reader::parse(bytes, "m"));
    return read_gguf_lora(reader, base());
  }
  const auto rest = bytes.subspan(sizeof first);
  const std::size_t n = std::min<std::size_t>(first, rest.size());
  const std::string_view config(reinterpret_cast<const char*>(rest.data()), n);
  return parse_peft(config, rest.subspan(n), "m", base());
}

}  // namespace
}  // namespace plmm::model

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto adapter = plmm::model::read(std::as_bytes(std::span(data, size)));
  if (!adapter) {
    plmm::fuzz::note(adapter.error().what);
    return -1;
  }
  CHECK(plmm::model::check_lora(*adapter, plmm::model::base()));
  plmm::fuzz::note("read " + std::to_string(adapter->rank));
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  std::vector<std::string> out;
  const auto peft = [](std::string_view config, const std::string& weights) {
    const auto n = static_cast<std::uint32_t>(config.size());
    std::string bytes(sizeof n, '\0');
    std::memcpy(bytes.data(), &n, sizeof n);
    return bytes + std::string(config) + weights;
  };
  const std::string name = "base_model.model.model.layers.0.self_attn.v_proj.lora_";
  gguf::SafetensorsForge weights;
  weights.add(name + "A.weight", "F32", {1, 64}, std::string(256, '\0'));
  weights.add(name + "B.weight", "F16", {32, 1}, std::string(64, '\0'));
  out.push_back(peft(R"({"r":1,"lora_alpha":2,"use_rslora":true})", weights.bytes()));
  out.push_back(peft(R"({"peft_type":"LORA","r":1,"lora_alpha":2,"bias":"none"})",
                     gguf::safetensors_file("{}", "")));
  gguf::Forge file(2, 4);
  file.key("general.type", gguf::ValueType::string).string("adapter");
  file.key("general.architecture", gguf::ValueType::string).string("llama");
  file.key("adapter.type", gguf::ValueType::string).string("lora");
  file.key("adapter.lora.alpha", gguf::ValueType::f32).put(2.0F);
  file.tensor("blk.0.attn_q.weight.lora_a", {64, 1}, 0, 0);
  file.tensor("blk.0.attn_q.weight.lora_b", {1, 64}, 0, 256);
  out.push_back(file.data(512).bytes());
  return out;
}
