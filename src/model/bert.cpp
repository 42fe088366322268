// Finds, checks and packs the tensors of a BERT encoder.
#include "model/bert.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/narrow.h"
#include "model/config.h"
#include "tensor/blocks.h"

namespace plmm::model {
namespace {

using gguf::Safetensor;
using gguf::SafetensorsReader;

constexpr std::uint64_t kPositionsMax = 1U << 16U;
constexpr std::string_view kPullHint = ". Run: plmm pull all-minilm-l6-v2";

std::string in_layer(int layer, std::string_view name) {
  return "encoder.layer." + std::to_string(layer) + "." + std::string(name);
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

std::unexpected<Error> fail_tensor(const SafetensorsReader& file, ErrorCode code,
                                   std::string_view tensor, std::string_view what) {
  std::string text = file.name() + ": tensor '";
  text += tensor;
  text += "' ";
  text += what;
  text += kPullHint;
  return fail(code, std::move(text));
}

/// A matrix [n_out, n_in] whose sizes are within the limits.
Result<const Safetensor*> find_matrix(const SafetensorsReader& file, std::string_view name,
                                      std::uint64_t n_out_max, std::uint64_t n_in_max) {
  const auto* const tensor = file.tensor(name);
  if (tensor == nullptr) {
    return fail_tensor(file, ErrorCode::unsupported, name, "is missing (not a BERT encoder?)");
  }
  const auto& shape = tensor->shape;
  if (shape.size() != 2 || shape[0] < 1 || shape[0] > n_out_max || shape[1] < 1 ||
      shape[1] > n_in_max) {
    return fail_tensor(file, ErrorCode::unsupported, name, "is no matrix of a size that we run");
  }
  return tensor;
}

Result<const Safetensor*> expect(const SafetensorsReader& file, std::string_view name,
                                 std::vector<std::uint64_t> shape) {
  const auto* const tensor = file.tensor(name);
  if (tensor == nullptr) {
    return fail_tensor(file, ErrorCode::corrupt_data, name, "is missing (damaged?)");
  }
  if (tensor->shape != shape) {
    return fail_tensor(file, ErrorCode::corrupt_data, name,
                       "has another shape than the other tensors ask for (damaged?)");
  }
  return tensor;
}

Result<std::vector<float>> read_vector(const SafetensorsReader& file, std::string_view name,
                                       std::uint64_t n) {
  const auto* const tensor = TRY(expect(file, name, {n}));
  std::vector<float> out(n);
  tensor::decode_row(tensor->type, tensor->data, out);
  if (all_finite(out)) return out;
  return fail_tensor(file, ErrorCode::corrupt_data, name, "has values that are no numbers");
}

Result<BertNorm> read_norm(const SafetensorsReader& file, const std::string& name,
                           std::uint64_t n) {
  BertNorm out;
  out.weight = TRY(read_vector(file, name + ".weight", n));
  out.bias = TRY(read_vector(file, name + ".bias", n));
  return out;
}

std::span<const std::byte> row_of(const Safetensor& matrix, std::uint64_t row) {
  const std::size_t row_bytes = matrix.data.size() / matrix.shape[0];
  return matrix.data.subspan(row * row_bytes, row_bytes);
}

Result<BertConfig> read_config(const SafetensorsReader& file, int n_heads) {
  BertConfig c;
  const auto* const words =
      TRY(find_matrix(file, "embeddings.word_embeddings.weight", kVocabularyMax, kEmbeddingMax));
  const std::uint64_t n_embd = words->shape[1];
  const auto* const positions =
      TRY(find_matrix(file, "embeddings.position_embeddings.weight", kPositionsMax, n_embd));
  const auto* const up =
      TRY(find_matrix(file, in_layer(0, "intermediate.dense.weight"), kFeedForwardMax, n_embd));
  while (file.tensor(in_layer(c.n_layers, "intermediate.dense.weight")) != nullptr) ++c.n_layers;
  if (static_cast<std::uint64_t>(c.n_layers) > kLayersMax) {
    return fail(ErrorCode::limit_exceeded, file.name() + ": has " + std::to_string(c.n_layers) +
                                               " layers, at most " + std::to_string(kLayersMax) +
                                               " are run");
  }
  c.n_embd = narrow<int>(n_embd);
  c.n_vocabulary = narrow<int>(words->shape[0]);
  c.n_positions = narrow<int>(positions->shape[0]);
  c.n_ff = narrow<int>(up->shape[0]);
  c.n_heads = n_heads;
  if (n_heads < 1 || c.n_embd % n_heads != 0 || c.head_dim() % kernel::kPanelRows != 0 ||
      c.n_embd % kernel::kBlock != 0 || c.n_ff % kernel::kBlock != 0) {
    return fail(ErrorCode::unsupported,
                file.name() + ": a width of " + std::to_string(c.n_embd) + " with " +
                    std::to_string(n_heads) + " heads and " + std::to_string(c.n_ff) +
                    " inner values is none that we run; heads need a multiple of 16, the others "
                    "of 32");
  }
  return c;
}

/// Packs matrices on all threads, each as a whole.
class Packer {
 public:
  Packer(const SafetensorsReader& file, BertPrecision precision)
      : file_(&file), precision_(precision) {}

  Result<> add(const std::string& name, int n_in, int n_out, BertLinear& out) {
    const auto in = static_cast<std::uint64_t>(n_in), rows = static_cast<std::uint64_t>(n_out);
    out.bias = TRY(read_vector(*file_, name + ".bias", rows));
    const auto* const tensor = TRY(expect(*file_, name + ".weight", {rows, in}));
    out.weight = kernel::allocate_packed({stored_type(), n_in, n_out, {}}, false);
    if (out.weight.data == nullptr) {
      return fail(ErrorCode::io, file_->name() + ": no memory for " +
                                     std::to_string(out.weight.bytes()) +
                                     " bytes; end other programs");
    }
    jobs_.push_back({tensor, &out.weight});
    return {};
  }

  Result<> run(ThreadPool& pool) {
    std::atomic<std::size_t> next{0};
    std::atomic<const Safetensor*> broken{nullptr};
    pool.run([&](int) {
      for (std::size_t i = next++; i < jobs_.size(); i = next++) {
        if (!pack(jobs_[i])) broken = jobs_[i].tensor;
      }
    });
    if (broken == nullptr) return {};
    return fail_tensor(*file_, ErrorCode::corrupt_data, broken.load()->name,
                       "has values that are no numbers, or too large");
  }

 private:
  struct Job {
    const Safetensor* tensor;
    kernel::PackedMatrix* out;
  };

  tensor::DType stored_type() const {
    return precision_ == BertPrecision::int8  ? tensor::DType::q8_0
           : precision_ == BertPrecision::f16 ? tensor::DType::f16
                                              : tensor::DType::f32;
  }

  /// One row of weights as it is stored; false where one has no finite value there.
  bool encode(std::span<const float> row, std::span<std::byte> out) const {
    if (precision_ == BertPrecision::int8) return tensor::encode_q8_0(row, out);
    if (precision_ == BertPrecision::f32) {
      std::ranges::copy(std::as_bytes(row), out.begin());
      return all_finite(row);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::uint16_t half = tensor::f32_to_f16(row[i]);
      if (!std::isfinite(tensor::f16_to_f32(half))) return false;
      std::memcpy(out.data() + i * sizeof half, &half, sizeof half);
    }
    return true;
  }

  bool pack(const Job& job) const {
    const auto n_in = static_cast<std::size_t>(job.out->n_in);
    const std::size_t row_bytes = tensor::bytes_of(stored_type(), n_in).value();
    std::vector<std::byte> rows(row_bytes * static_cast<std::size_t>(job.out->n_out));
    std::vector<float> row(n_in);
    for (std::size_t i = 0; i * row_bytes < rows.size(); ++i) {
      tensor::decode_row(job.tensor->type, row_of(*job.tensor, i), row);
      if (!encode(row, std::span(rows).subspan(i * row_bytes, row_bytes))) return false;
    }
    const kernel::StoredMatrix stored{stored_type(), job.out->n_in, job.out->n_out, rows};
    kernel::pack_panels(stored, {}, 0, job.out->n_panels(), *job.out);
    return true;
  }

  const SafetensorsReader* file_;
  BertPrecision precision_;
  std::vector<Job> jobs_;
};

Result<> add_layer(const SafetensorsReader& file, const BertConfig& c, int i, Packer& packer,
                   BertLayer& out) {
  const auto n = static_cast<std::uint64_t>(c.n_embd);
  TRY(packer.add(in_layer(i, "attention.self.query"), c.n_embd, c.n_embd, out.query));
  TRY(packer.add(in_layer(i, "attention.self.key"), c.n_embd, c.n_embd, out.key));
  TRY(packer.add(in_layer(i, "attention.self.value"), c.n_embd, c.n_embd, out.value));
  TRY(packer.add(in_layer(i, "attention.output.dense"), c.n_embd, c.n_embd, out.output));
  TRY(packer.add(in_layer(i, "intermediate.dense"), c.n_embd, c.n_ff, out.up));
  TRY(packer.add(in_layer(i, "output.dense"), c.n_ff, c.n_embd, out.down));
  out.attention_norm = TRY(read_norm(file, in_layer(i, "attention.output.LayerNorm"), n));
  out.feed_forward_norm = TRY(read_norm(file, in_layer(i, "output.LayerNorm"), n));
  return {};
}

/// Positions with the type of the first segment added: all tokens of an embedded text are of it.
Result<std::vector<float>> read_positions(const SafetensorsReader& file, const BertConfig& c) {
  const auto n = static_cast<std::size_t>(c.n_embd);
  const auto* const rows = TRY(expect(file, "embeddings.position_embeddings.weight",
                                      {static_cast<std::uint64_t>(c.n_positions), n}));
  const auto* const types =
      TRY(find_matrix(file, "embeddings.token_type_embeddings.weight", kPositionsMax, n));
  TRY(expect(file, types->name, {types->shape[0], n}));
  std::vector<float> type(n), out(n * static_cast<std::size_t>(c.n_positions));
  tensor::decode_row(types->type, row_of(*types, 0), type);
  tensor::decode_row(rows->type, rows->data, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += type[i % n];
  return out;
}

}  // namespace

Result<std::unique_ptr<Bert>> Bert::load(SafetensorsReader file, int n_heads,
                                         BertPrecision precision, const kernel::Kernels& kernels,
                                         ThreadPool& pool) {
  std::unique_ptr<Bert> out(new Bert(std::move(file)));
  out->kernels_ = &kernels;
  out->config_ = TRY(read_config(out->file_, n_heads));
  const BertConfig& c = out->config_;
  const auto n = static_cast<std::uint64_t>(c.n_embd);
  out->words_ = out->file_.tensor("embeddings.word_embeddings.weight");
  out->positions_ = TRY(read_positions(out->file_, c));
  out->embedding_norm_ = TRY(read_norm(out->file_, "embeddings.LayerNorm", n));
  Packer packer(out->file_, precision);
  out->layers_.resize(static_cast<std::size_t>(c.n_layers));
  for (int i = 0; i < c.n_layers; ++i) {
    TRY(add_layer(out->file_, c, i, packer, out->layers_[static_cast<std::size_t>(i)]));
  }
  TRY(packer.run(pool));
  return out;
}

void Bert::embed_token(int token, int position, std::span<float> x) const {
  tensor::decode_row(words_->type, row_of(*words_, static_cast<std::uint64_t>(token)), x);
  kernels_->add(x.data(), positions_.data() + static_cast<std::size_t>(position) * x.size(),
                config_.n_embd);
}

std::uint64_t Bert::packed_bytes() const {
  std::uint64_t out = 0;
  for (const BertLayer& l : layers_) {
    for (const BertLinear* linear : {&l.query, &l.key, &l.value, &l.output, &l.up, &l.down}) {
      out += linear->weight.bytes();
    }
  }
  return out;
}

}  // namespace plmm::model
