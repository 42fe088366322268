// Loading: metadata, shapes of tensors, vocabulary, weights, in this order; nothing large is
// allocated before the checks have passed.
#include "model/model.h"

#include <algorithm>
#include <map>

#include "base/narrow.h"
#include "model/architectures.h"
#include "model/file_identity.h"

namespace plmm::model {
namespace {

std::string text_or(const gguf::Reader& reader, std::string_view key, std::string otherwise) {
  const auto* value = reader.find(key);
  if (value == nullptr) return otherwise;
  const auto* text = std::get_if<std::string_view>(value);
  return text == nullptr ? otherwise : std::string(*text);
}

std::vector<TensorClass> classes_of(const gguf::Reader& reader) {
  std::map<std::pair<std::string, tensor::DType>, TensorClass> classes;
  for (const auto& tensor : reader.tensors()) {
    auto& c = classes[{std::string(tensor_class(tensor.name)), tensor.type}];
    c.name = tensor_class(tensor.name);
    c.type = tensor.type;
    c.n_elements += tensor.ne[0] * tensor.n_rows();
    c.bytes += tensor.data.size();
    c.n_tensors += 1;
  }
  std::vector<TensorClass> out;
  for (auto& [key, value] : classes) out.push_back(std::move(value));
  return out;
}

}  // namespace

std::string_view tensor_class(std::string_view name) {
  if (name == "token_embd.weight") return "embedding";
  if (name == "output.weight") return "head";
  if (name.find("norm") != std::string_view::npos || name.ends_with(".bias") ||
      name == "rope_freqs.weight") {
    return "norm and bias";
  }
  return name.find("ffn") != std::string_view::npos ? "feed-forward" : "attention";
}

Result<Summary> summarise(const gguf::Reader& reader) {
  Summary out;
  out.config = TRY(read_config(reader));
  TRY(check_tensors(reader, out.config));
  out.architecture = out.config.architecture;
  out.general_name = text_or(reader, "general.name", "");
  out.licence = text_or(reader, "general.license", "");
  out.chat_template = text_or(reader, "tokenizer.chat_template", "");
  out.file_bytes = reader.file_size();
  out.classes = classes_of(reader);
  for (const auto& c : out.classes) out.n_parameters += c.n_elements;
  return out;
}

Result<std::unique_ptr<Model>> Model::load(gguf::Reader reader, const kernel::Kernels& kernels,
                                           bool exact, ThreadPool& pool,
                                           const std::filesystem::path& packed_folder) {
  std::unique_ptr<Model> out(new Model(std::move(reader)));
  const gguf::Reader& file = out->reader_;
  out->config_ = TRY(read_config(file));
  TRY(check_tensors(file, out->config_));
  auto tokenizer = text::Tokenizer::create(TRY(read_vocabulary(file)));
  if (!tokenizer) return fail(tokenizer.error().code, file.name() + ": " + tokenizer.error().what);
  out->tokenizer_ = std::move(*tokenizer);
  if (out->tokenizer_->size() != static_cast<std::size_t>(out->config_.n_vocabulary)) {
    return fail(ErrorCode::corrupt_data, file.name() + ": the vocabulary has " +
                                             std::to_string(out->tokenizer_->size()) +
                                             " tokens, the embedding " +
                                             std::to_string(out->config_.n_vocabulary) + " rows");
  }
  out->kernels_ = &kernels;
  out->exact_ = exact;
  out->weights_ = TRY(pack_weights(file, out->config_, exact, pool, packed_folder));
  if (const MappedFile* map = file.map()) map->release(0, file.file_size());
  return out;
}

Result<Checksum> Model::identity() const {
  if (weights_.identity) return *weights_.identity;
  return identify(reader_);
}

void Model::shorten_head(int n) {
  const int rounded = (n + kernel::kPanelRows - 1) / kernel::kPanelRows * kernel::kPanelRows;
  weights_.head.n_out = std::min(weights_.head.n_out, rounded);
}

std::uint64_t Model::bytes_per_token() const {
  std::uint64_t out = weights_.head.bytes();
  for (const auto& layer : weights_.layers) {
    for (const auto* matrix : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate,
                               &layer.up, &layer.down}) {
      out += matrix->bytes();
    }
  }
  return out;
}

}  // namespace plmm::model
