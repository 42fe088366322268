// Pairs put together from the tensors of a file.
#include "model/lora_parts.h"

#include <algorithm>
#include <charconv>

#include "base/narrow.h"
#include "gguf/format.h"
#include "tensor/blocks.h"

namespace plmm::model {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_layer(std::string_view& text, int& layer) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), layer);
  if (error != std::errc() || layer < 0 || layer >= static_cast<int>(kLayersMax)) return false;
  if (!text.starts_with(std::to_string(layer) + ".")) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::string kept_fingerprint(std::string_view text) {
  constexpr std::size_t kDigits = 16;
  const bool is_hex = text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return text.size() == kDigits && is_hex ? std::string(text) : std::string();
}

LoraBuilder::LoraBuilder(const ModelConfig& base, std::string name)
    : base_(&base), name_(std::move(name)) {
  adapter_.layers.resize(static_cast<std::size_t>(base.n_layers));
  for (LoraLayer& layer : adapter_.layers) {
    for (const LoraTarget target : all_lora_targets()) {
      const LoraShape shape = lora_shape(base, target);
      LoraPair& pair = layer[static_cast<std::size_t>(target)];
      pair.n_in = shape.n_in;
      pair.n_out = shape.n_out;
    }
  }
}

std::unexpected<Error> LoraBuilder::unknown(std::string_view tensor) const {
  return fail(ErrorCode::unsupported,
              name_ + ": tensor " + gguf::escaped(tensor) +
                  " changes something that adapters here cannot (they change the query, key, "
                  "value, output, gate, up and down matrices)");
}

std::unexpected<Error> LoraBuilder::misshapen(std::string_view tensor) const {
  return fail(ErrorCode::corrupt_data,
              name_ + ": tensor " + gguf::escaped(tensor) + " is no matrix of an adapter");
}

Result<> LoraBuilder::add(const LoraPlace& place, std::string_view tensor, tensor::DType type,
                          std::uint64_t n_rows, std::uint64_t n_columns,
                          std::span<const std::byte> data) {
  if (place.layer >= base_->n_layers) {
    return fail(ErrorCode::invalid_argument,
                name_ + ": is for a model of more than " + std::to_string(base_->n_layers) +
                    " layers (tensor " + gguf::escaped(tensor) +
                    "); choose the model that it was trained on with --model");
  }
  if (tensor::info(type).n_block != 1) {
    return fail(ErrorCode::unsupported, name_ + ": tensor " + gguf::escaped(tensor) +
                                            " is quantised; adapters are f32, f16 or bf16");
  }
  LoraPair& pair = adapter_.pair(place.layer, place.target);
  const bool is_a = place.side == LoraSide::a;
  const std::uint64_t rank = is_a ? n_rows : n_columns;
  const std::uint64_t other = is_a ? n_columns : n_rows;
  const int want = is_a ? pair.n_in : pair.n_out;
  if (rank == 0 || rank > static_cast<std::uint64_t>(kLoraRankMax)) {
    return fail(ErrorCode::unsupported, name_ + ": tensor " + gguf::escaped(tensor) + " has rank " +
                                            gguf::grouped(rank) + "; 1 to 256 are possible");
  }
  if (other != static_cast<std::uint64_t>(want)) {
    return fail(ErrorCode::invalid_argument,
                name_ + ": tensor " + gguf::escaped(tensor) + " is for a width of " +
                    gguf::grouped(other) + ", the model's is " + std::to_string(want) +
                    "; choose the model that it was trained on with --model");
  }
  std::vector<float>& values = is_a ? pair.a : pair.b;
  if (!values.empty()) {
    return fail(ErrorCode::corrupt_data,
                name_ + ": tensor " + gguf::escaped(tensor) + " stands twice");
  }
  if (pair.rank != 0 && pair.rank != narrow<int>(rank)) {
    return fail(ErrorCode::corrupt_data,
                name_ + ": tensor " + gguf::escaped(tensor) + " has another rank than its partner");
  }
  pair.rank = narrow<int>(rank);
  values.resize(rank * other);
  tensor::decode_row(type, data, values);
  return {};
}

Result<LoraAdapter> LoraBuilder::finish(double alpha, std::string_view architecture) && {
  for (std::size_t i = 0; i < adapter_.layers.size(); ++i) {
    for (const LoraPair& pair : adapter_.layers[i]) {
      adapter_.rank = std::max(adapter_.rank, pair.rank);
      if (pair.a.empty() == pair.b.empty()) continue;
      return fail(ErrorCode::corrupt_data,
                  name_ + ": layer " + std::to_string(i) + " has an A without B or a B without A");
    }
  }
  if (adapter_.rank == 0) {
    return fail(ErrorCode::corrupt_data, name_ + ": holds no adapter's matrices");
  }
  adapter_.alpha = static_cast<float>(alpha);
  adapter_.architecture = architecture.empty() ? base_->architecture : std::string(architecture);
  const auto fits = check_lora(adapter_, *base_);
  if (!fits) return fail(fits.error().code, name_ + ": " + fits.error().what);
  return std::move(adapter_);
}

}  // namespace plmm::model
