// A model's file written anew with its matrices in other types.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "gguf/reader.h"
#include "tensor/dtype.h"

namespace plmm::model {

/// The type of each class of tensors (tensor_class()), one of tensor::quantized_types(); a class
/// that is not named stays as it is. Norms and biases always do.
using ClassTypes = std::map<std::string, tensor::DType, std::less<>>;

/// The type that a tensor gets: `wanted`, or where its rows are no multiple of 256 the next larger
/// one with blocks of 32: Q5_0 for Q4_K, Q8_0 for Q6_K. unsupported where they are no multiple of
/// 32 either.
Result<tensor::DType> fitting_type(const gguf::TensorInfo& tensor, tensor::DType wanted);

/// Called on the calling thread, with bytes of the source.
using OnQuantized = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Writes `out`, all of it or nothing. Tensors that have the type already are copied bit for bit;
/// metadata stays, but for what says how the file is quantised. Errors: those of fitting_type();
/// corrupt_data for numbers that have no scale, io, cancelled.
Result<> quantize_file(const gguf::Reader& source, const std::filesystem::path& out,
                       const ClassTypes& types, ThreadPool& pool, const OnQuantized& on_quantized,
                       const Cancel& cancel);

}  // namespace plmm::model
