// The table of architectures and the reading of what they have in common.
#include "model/architectures.h"

#include <string>

#include "base/narrow.h"

namespace plmm::model {
namespace {

constexpr Architecture kArchitectures[] = {
    {"llama", read_llama},
    {"qwen2", read_qwen2},
    {"qwen3", read_qwen3},
    {"gemma3", read_gemma3},
};

/// Reads "<architecture>.<name>" values of one file.
class Keys {
 public:
  Keys(const gguf::Reader& reader, std::string_view architecture)
      : reader_(&reader), prefix_(std::string(architecture) + ".") {}

  bool has(std::string_view name) const { return reader_->find(key(name)) != nullptr; }
  Result<int> integer(std::string_view name, std::uint64_t min, std::uint64_t max) const {
    return narrow<int>(TRY(reader_->u64(key(name), min, max)));
  }
  Result<int> integer_or(std::string_view name, int otherwise, std::uint64_t max) const {
    if (!has(name)) return otherwise;
    return integer(name, 1, max);
  }
  Result<float> number_or(std::string_view name, float otherwise, double min, double max) const {
    if (!has(name)) return otherwise;
    return static_cast<float>(TRY(reader_->f64(key(name), min, max)));
  }
  std::string key(std::string_view name) const { return prefix_ + std::string(name); }

 private:
  const gguf::Reader* reader_;
  std::string prefix_;
};

Result<> check_sizes(const gguf::Reader& reader, const ModelConfig& c, int rope_dim) {
  const auto bad = [&](const std::string& what) {
    return fail(ErrorCode::unsupported, reader.name() + ": " + what);
  };
  if (c.n_heads % c.n_kv_heads != 0) {
    return bad(std::to_string(c.n_heads) + " query heads cannot share " +
               std::to_string(c.n_kv_heads) + " key heads evenly");
  }
  if (c.head_dim % 16 != 0)
    return bad("head size " + std::to_string(c.head_dim) + " is not a multiple of 16");
  if (rope_dim != c.head_dim) {
    return bad("rotates " + std::to_string(rope_dim) + " of " + std::to_string(c.head_dim) +
               " head dimensions; only whole heads are supported");
  }
  return {};
}

Result<float> read_rope_scale(const gguf::Reader& reader, const Keys& keys) {
  if (!keys.has("rope.scaling.type")) return keys.number_or("rope.scale_linear", 1.0F, 1e-3, 1e6);
  const auto type = TRY(reader.string(keys.key("rope.scaling.type")));
  if (type == "none") return 1.0F;
  if (type != "linear") {
    return fail(ErrorCode::unsupported, reader.name() + ": rope scaling is not 'linear' (key '" +
                                            keys.key("rope.scaling.type") + "')");
  }
  return keys.number_or("rope.scaling.factor", 1.0F, 1e-3, 1e6);
}

}  // namespace

std::span<const Architecture> architectures() { return kArchitectures; }

Result<ModelConfig> read_common(const gguf::Reader& reader, std::string_view architecture) {
  const Keys keys(reader, architecture);
  ModelConfig c;
  c.architecture = architecture;
  c.n_layers = TRY(keys.integer("block_count", 1, kLayersMax));
  c.n_embd = TRY(keys.integer("embedding_length", 32, kEmbeddingMax));
  c.n_ff = TRY(keys.integer("feed_forward_length", 32, kFeedForwardMax));
  c.n_heads = TRY(keys.integer("attention.head_count", 1, kHeadsMax));
  c.n_kv_heads = TRY(keys.integer_or("attention.head_count_kv", c.n_heads, kHeadsMax));
  c.head_dim = TRY(keys.integer_or("attention.key_length", c.n_embd / c.n_heads, kHeadDimMax));
  if (c.head_dim < 1 || static_cast<std::uint64_t>(c.head_dim) > kHeadDimMax) {
    return fail(ErrorCode::corrupt_data, reader.name() + ": head size " +
                                             std::to_string(c.head_dim) + " is outside 1 … " +
                                             std::to_string(kHeadDimMax));
  }
  const int value_dim = TRY(keys.integer_or("attention.value_length", c.head_dim, kHeadDimMax));
  if (value_dim != c.head_dim) {
    return fail(ErrorCode::unsupported, reader.name() + ": keys and values of different lengths");
  }
  c.n_context = TRY(keys.integer("context_length", 1, kContextMax));
  c.norm_epsilon = static_cast<float>(
      TRY(reader.f64(keys.key("attention.layer_norm_rms_epsilon"), 1e-12, 1e-1)));
  c.rope_theta = TRY(keys.number_or("rope.freq_base", 10000.0F, 1.0, 1e9));
  c.rope_scale = TRY(read_rope_scale(reader, keys));
  const int rope_dim = TRY(keys.integer_or("rope.dimension_count", c.head_dim, kHeadDimMax));
  TRY(check_sizes(reader, c, rope_dim));
  const auto* embedding = reader.tensor("token_embd.weight");
  if (embedding == nullptr || embedding->ne.size() != 2 || embedding->ne[1] > kVocabularyMax) {
    return fail(ErrorCode::corrupt_data,
                reader.name() + ": tensor 'token_embd.weight' is missing or not a matrix");
  }
  c.n_vocabulary = narrow<int>(embedding->ne[1]);
  return c;
}

Result<ModelConfig> read_config(const gguf::Reader& reader) {
  const auto name = TRY(reader.string("general.architecture"));
  std::string known;
  for (const auto& architecture : kArchitectures) {
    if (architecture.name == name) return architecture.read(reader);
    known += (known.empty() ? "" : ", ") + std::string(architecture.name);
  }
  return fail(ErrorCode::unsupported,
              reader.name() + ": architecture is none of those we run (" + known + ")");
}

}  // namespace plmm::model
