// f16 matrices in a row; shapes are those of the base model.
#include "learn/adapter_bytes.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/narrow.h"
#include "tensor/blocks.h"

namespace plmm::learn {
namespace {

constexpr std::uint32_t kMark = 0x31'41'4C'50;  // "PLA1"

void put_half(std::string& out, std::span<const float> values) {
  for (const float value : values) append_value(out, tensor::f32_to_f16(value));
}

Result<std::vector<float>> take_half(ByteReader& reader, std::size_t n) {
  const auto raw = TRY(reader.take(n * sizeof(std::uint16_t), "a matrix"));
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, raw.data() + i * sizeof half, sizeof half);
    out[i] = tensor::f16_to_f32(half);
  }
  return out;
}

Result<model::LoraPair> take_pair(ByteReader& reader, const model::LoraShape& shape) {
  model::LoraPair out;
  out.n_in = shape.n_in;
  out.n_out = shape.n_out;
  const auto rank = TRY(reader.read<std::uint32_t>("a rank"));
  if (rank == 0) return out;
  if (rank > static_cast<std::uint32_t>(model::kLoraRankMax))
    return fail(ErrorCode::corrupt_data, "a personal adapter has a rank that cannot be");
  out.rank = narrow<int>(rank);
  out.a = TRY(take_half(reader, std::size_t{rank} * static_cast<std::size_t>(shape.n_in)));
  out.b = TRY(take_half(reader, std::size_t{rank} * static_cast<std::size_t>(shape.n_out)));
  return out;
}

}  // namespace

std::string to_bytes(const model::LoraAdapter& adapter) {
  std::string out;
  append_value(out, kMark);
  append_value(out, adapter.alpha);
  append_value(out, narrow<std::uint32_t>(adapter.layers.size()));
  for (const model::LoraLayer& layer : adapter.layers) {
    for (const model::LoraPair& pair : layer) {
      append_value(out, narrow<std::uint32_t>(pair.rank));
      put_half(out, pair.a);
      put_half(out, pair.b);
    }
  }
  return out;
}

Result<model::LoraAdapter> parse_adapter(std::span<const std::byte> bytes,
                                         const model::ModelConfig& base) {
  ByteReader reader(bytes);
  const auto mark = TRY(reader.read<std::uint32_t>("the mark"));
  if (mark != kMark) return fail(ErrorCode::corrupt_data, "this is no personal adapter");
  model::LoraAdapter out;
  out.architecture = base.architecture;
  out.alpha = TRY(reader.read<float>("alpha"));
  const auto n_layers = TRY(reader.read<std::uint32_t>("the number of layers"));
  if (n_layers != static_cast<std::uint32_t>(base.n_layers)) {
    return fail(ErrorCode::invalid_argument, "the personal adapter has " +
                                                 std::to_string(n_layers) + " layers, the model " +
                                                 std::to_string(base.n_layers));
  }
  out.layers.resize(n_layers);
  for (model::LoraLayer& layer : out.layers) {
    for (const model::LoraTarget target : model::all_lora_targets()) {
      auto pair = TRY(take_pair(reader, model::lora_shape(base, target)));
      out.rank = std::max(out.rank, pair.rank);
      layer[static_cast<std::size_t>(target)] = std::move(pair);
    }
  }
  if (reader.remaining() != 0)
    return fail(ErrorCode::corrupt_data, "there are bytes behind the personal adapter");
  TRY(model::check_lora(out, base));
  return out;
}

}  // namespace plmm::learn
