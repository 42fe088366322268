// Row by row on all threads: decoded to f32, quantised, handed to the writer.
#include "model/quantize.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/check.h"
#include "gguf/writer.h"
#include "model/model.h"
#include "tensor/blocks.h"
#include "tensor/quantize.h"

namespace plmm::model {
namespace {

constexpr std::string_view kFileType = "general.file_type";
constexpr std::string_view kVersion = "general.quantization_version";
constexpr std::uint64_t kQuantizationVersion = 2;  // of the block layouts that all programs use
constexpr std::size_t kWeightsAtOnce = 4 << 20;    // 16 MB of f32, and their blocks

/// What other programs show of a file: the number of the type that most of its bytes have.
std::uint64_t file_type(tensor::DType type) {
  switch (type) {
    case tensor::DType::q4_0:
      return 2;
    case tensor::DType::q8_0:
      return 7;
    case tensor::DType::q5_0:
      return 8;
    case tensor::DType::q4_k:
      return 14;
    default:
      return 18;  // Q6_K
  }
}

/// Whether a tensor is a matrix of weights, and of a class that changes.
const tensor::DType* wanted_type(const gguf::TensorInfo& tensor, const ClassTypes& types) {
  const auto found = types.find(tensor_class(tensor.name));
  return tensor.ne.size() != 2 || found == types.end() ? nullptr : &found->second;
}

class Quantizer {
 public:
  Quantizer(const gguf::Reader& source, ThreadPool& pool, const OnQuantized& on_quantized,
            const Cancel& cancel)
      : source_(source), pool_(pool), on_quantized_(on_quantized), cancel_(cancel) {
    for (const auto& tensor : source.tensors()) total_ += tensor.data.size();
  }

  /// The bytes of a tensor as they are.
  Result<> copy(const gguf::TensorInfo& tensor, const gguf::Sink& sink) {
    TRY(sink(tensor.data));
    return done(tensor.data.size());
  }

  /// The bytes of a tensor in another type.
  Result<> convert(const gguf::TensorInfo& tensor, tensor::DType type, const gguf::Sink& sink) {
    const auto n_in = static_cast<std::size_t>(tensor.ne[0]);
    const std::size_t row_bytes = tensor::bytes_of(type, n_in).value();
    const std::size_t stored_bytes = tensor::bytes_of(tensor.type, n_in).value();
    const auto n_rows = static_cast<std::size_t>(tensor.n_rows());
    const std::size_t at_once = std::max<std::size_t>(kWeightsAtOnce / n_in, 1);
    std::vector<std::byte> blocks;
    for (std::size_t first = 0; first < n_rows; first += at_once) {
      const std::size_t n = std::min(at_once, n_rows - first);
      blocks.resize(n * row_bytes);
      if (!convert_rows(tensor.data.subspan(first * stored_bytes, n * stored_bytes), tensor.type,
                        type, n_in, blocks)) {
        return fail(ErrorCode::corrupt_data,
                    source_.name() + ": tensor '" + std::string(tensor.name) +
                        "' has numbers that are not finite or too large for " +
                        std::string(tensor::info(type).name));
      }
      TRY(sink(blocks));
      TRY(done(n * stored_bytes));
    }
    return {};
  }

 private:
  bool convert_rows(std::span<const std::byte> stored, tensor::DType from, tensor::DType to,
                    std::size_t n_in, std::span<std::byte> blocks) {
    const std::size_t stored_bytes = tensor::bytes_of(from, n_in).value();
    const std::size_t row_bytes = tensor::bytes_of(to, n_in).value();
    const std::size_t n_rows = blocks.size() / row_bytes;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> possible{true};
    pool_.run([&](int) {
      std::vector<float> row(n_in);
      for (std::size_t i = next++; i < n_rows && possible; i = next++) {
        tensor::decode_row(from, stored.subspan(i * stored_bytes, stored_bytes), row);
        if (!tensor::quantize_row(to, row, blocks.subspan(i * row_bytes, row_bytes)))
          possible = false;
      }
    });
    return possible;
  }

  Result<> done(std::uint64_t bytes) {
    done_ += bytes;
    on_quantized_(done_, total_);
    if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped; nothing was written");
    return {};
  }

  const gguf::Reader& source_;
  ThreadPool& pool_;
  const OnQuantized& on_quantized_;
  const Cancel& cancel_;
  std::uint64_t done_ = 0, total_ = 0;
};

/// Everything that the source says of itself, and how the new file is quantised.
Result<> add_metadata(const gguf::Reader& source, tensor::DType main_type, gguf::Writer& writer) {
  for (const auto& entry : source.entries()) {
    if (entry.key == kFileType || entry.key == kVersion || entry.key == "general.alignment")
      continue;
    TRY(writer.add(entry.key, entry.value));
  }
  TRY(writer.add(kFileType, gguf::Value(file_type(main_type))));
  return writer.add(kVersion, gguf::Value(kQuantizationVersion));
}

/// The type that most weights will have.
tensor::DType main_type(const gguf::Reader& source, const ClassTypes& types) {
  std::map<tensor::DType, std::uint64_t> n_weights;
  for (const auto& tensor : source.tensors()) {
    if (const auto* wanted = wanted_type(tensor, types))
      n_weights[*wanted] += tensor.ne[0] * tensor.n_rows();
  }
  CHECK(!n_weights.empty());
  return std::ranges::max_element(n_weights, {}, [](const auto& each) { return each.second; })
      ->first;
}

}  // namespace

Result<tensor::DType> fitting_type(const gguf::TensorInfo& tensor, tensor::DType wanted) {
  const auto fits = [&](tensor::DType type) {
    return tensor.ne[0] % tensor::info(type).n_block == 0;
  };
  if (fits(wanted)) return wanted;
  const auto smaller = wanted == tensor::DType::q4_k ? tensor::DType::q5_0 : tensor::DType::q8_0;
  if (fits(smaller)) return smaller;
  return fail(ErrorCode::unsupported, "tensor '" + std::string(tensor.name) + "' has rows of " +
                                          std::to_string(tensor.ne[0]) +
                                          " numbers; blocks need a multiple of 32");
}

Result<> quantize_file(const gguf::Reader& source, const std::filesystem::path& out,
                       const ClassTypes& types, ThreadPool& pool, const OnQuantized& on_quantized,
                       const Cancel& cancel) {
  const bool changes = std::ranges::any_of(
      source.tensors(), [&](const auto& tensor) { return wanted_type(tensor, types) != nullptr; });
  if (!changes)
    return fail(ErrorCode::invalid_argument, source.name() + ": no matrix of the named classes");
  gguf::Writer writer;
  TRY(add_metadata(source, main_type(source, types), writer));
  Quantizer quantizer(source, pool, on_quantized, cancel);
  for (const auto& tensor : source.tensors()) {
    tensor::DType type = tensor.type;
    if (const auto* wanted = wanted_type(tensor, types)) type = TRY(fitting_type(tensor, *wanted));
    const bool same = type == tensor.type;
    TRY(writer.add_tensor(
        tensor.name, type, tensor.ne, [&quantizer, &tensor, type, same](const gguf::Sink& sink) {
          return same ? quantizer.copy(tensor, sink) : quantizer.convert(tensor, type, sink);
        }));
  }
  return writer.write(out);
}

}  // namespace plmm::model
