// Adapters in GGUF files, as llama.cpp reads and writes them.
#include <algorithm>
#include <cstring>
#include <vector>

#include "base/narrow.h"
#include "gguf/format.h"
#include "gguf/writer.h"
#include "model/lora_file.h"
#include "model/lora_parts.h"
#include "tensor/blocks.h"

namespace plmm::model {
namespace {

constexpr std::string_view kTensorNames[kLoraTargets] = {
    "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"};
constexpr std::string_view kAlphaKey = "adapter.lora.alpha";
constexpr std::string_view kFingerprintKey = "plmm.adapter.base_fingerprint";

std::string tensor_name(int layer, LoraTarget target, LoraSide side) {
  return "blk." + std::to_string(layer) + "." +
         std::string(kTensorNames[static_cast<std::size_t>(target)]) +
         (side == LoraSide::a ? ".weight.lora_a" : ".weight.lora_b");
}

std::optional<LoraPlace> place_of(std::string_view name) {
  LoraPlace out;
  if (!take_prefix(name, "blk.") || !take_layer(name, out.layer)) return {};
  if (name.ends_with(".weight.lora_a")) {
    out.side = LoraSide::a;
  } else if (name.ends_with(".weight.lora_b")) {
    out.side = LoraSide::b;
  } else {
    return {};
  }
  name.remove_suffix(std::string_view(".weight.lora_a").size());
  const auto* const target = std::ranges::find(kTensorNames, name);
  if (target == std::end(kTensorNames)) return {};
  out.target = static_cast<LoraTarget>(target - std::begin(kTensorNames));
  return out;
}

/// Row i of a query or key matrix is row file_row(i) of a file whose rotated pairs are neighbours.
int file_row(int row, int head_dim) {
  const int in_head = row % head_dim, half = head_dim / 2;
  return row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
}

bool is_moved(const ModelConfig& base, LoraTarget target) {
  return base.rope_pairs == RopePairs::neighbours &&
         (target == LoraTarget::query || target == LoraTarget::key);
}

enum class Towards : std::uint8_t { engine, file };

std::vector<float> moved_rows(const std::vector<float>& b, int rank, int head_dim, Towards to) {
  const auto width = static_cast<std::size_t>(rank);
  std::vector<float> out(b.size());
  for (std::size_t row = 0; row < b.size() / width; ++row) {
    const auto other = static_cast<std::size_t>(file_row(narrow<int>(row), head_dim));
    const std::size_t from = to == Towards::engine ? other : row;
    const std::size_t into = to == Towards::engine ? row : other;
    std::copy_n(b.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                out.begin() + static_cast<std::ptrdiff_t>(into * width));
  }
  return out;
}

Result<> check_kind(const gguf::Reader& reader, std::string_view key, std::string_view want) {
  const auto* value = reader.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string_view>(value);
  if (text != nullptr && *text == want) return {};
  return fail(ErrorCode::unsupported, reader.name() + ": not a LoRA adapter (" + std::string(key) +
                                          " is not '" + std::string(want) +
                                          "'); a whole model runs with --model");
}

}  // namespace

Result<LoraAdapter> read_gguf_lora(const gguf::Reader& reader, const ModelConfig& base) {
  TRY(check_kind(reader, "general.type", "adapter"));
  TRY(check_kind(reader, "adapter.type", "lora"));
  const std::string_view architecture = TRY(reader.string("general.architecture"));
  LoraBuilder builder(base, reader.name());
  const double alpha = TRY(reader.f64(kAlphaKey, 0.0, kLoraAlphaMax));
  for (const gguf::TensorInfo& tensor : reader.tensors()) {
    const auto place = place_of(tensor.name);
    if (!place) return builder.unknown(tensor.name);
    if (tensor.ne.size() != 2) return builder.misshapen(tensor.name);
    TRY(builder.add(*place, tensor.name, tensor.type, tensor.ne[1], tensor.ne[0], tensor.data));
  }
  auto out = TRY(std::move(builder).finish(alpha, architecture));
  for (LoraLayer& layer : out.layers) {
    for (const LoraTarget target : {LoraTarget::query, LoraTarget::key}) {
      LoraPair& pair = layer[static_cast<std::size_t>(target)];
      if (pair.empty() || !is_moved(base, target)) continue;
      pair.b = moved_rows(pair.b, pair.rank, base.head_dim, Towards::engine);
    }
  }
  if (const auto* value = reader.find(kFingerprintKey)) {
    const auto* text = std::get_if<std::string_view>(value);
    if (text != nullptr) out.base_fingerprint = kept_fingerprint(*text);
  }
  return out;
}

Result<> save_gguf_lora(const LoraAdapter& adapter, const ModelConfig& base,
                        const std::filesystem::path& path, std::string_view base_name) {
  gguf::Writer writer;
  TRY(writer.add("general.type", std::string_view("adapter")));
  TRY(writer.add("general.architecture", std::string_view(base.architecture)));
  TRY(writer.add("general.name", base_name));
  TRY(writer.add("adapter.type", std::string_view("lora")));
  TRY(writer.add(kAlphaKey, double{adapter.alpha}));
  if (!adapter.base_fingerprint.empty())
    TRY(writer.add(kFingerprintKey, std::string_view(adapter.base_fingerprint)));
  std::vector<std::vector<float>> moved;  // the writer holds views until it has written
  moved.reserve(adapter.layers.size() * 2);
  const auto u = [](int n) { return static_cast<std::uint64_t>(n); };
  for (int i = 0; i < narrow<int>(adapter.layers.size()); ++i) {
    for (const LoraTarget target : all_lora_targets()) {
      const LoraPair& pair = adapter.pair(i, target);
      if (pair.empty()) continue;
      std::span<const float> b = pair.b;
      if (is_moved(base, target)) {
        moved.push_back(moved_rows(pair.b, pair.rank, base.head_dim, Towards::file));
        b = moved.back();
      }
      const std::uint64_t ne_a[] = {u(pair.n_in), u(pair.rank)};
      const std::uint64_t ne_b[] = {u(pair.rank), u(pair.n_out)};
      TRY(writer.add_tensor(tensor_name(i, target, LoraSide::a), tensor::DType::f32, ne_a,
                            std::as_bytes(std::span(pair.a))));
      TRY(writer.add_tensor(tensor_name(i, target, LoraSide::b), tensor::DType::f32, ne_b,
                            std::as_bytes(b)));
    }
  }
  return writer.write(path);
}

}  // namespace plmm::model
