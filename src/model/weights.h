// The weights of a model, packed for this CPU, with the shape beside each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/checksum.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "gguf/reader.h"
#include "kernel/packed_matrix.h"
#include "model/config.h"

namespace plmm::model {

using kernel::PackedMatrix;

struct LayerWeights {
  std::vector<float> attention_norm;                    // [n_embd]
  std::vector<float> feed_forward_norm;                 // [n_embd]
  std::vector<float> post_attention_norm;               // [n_embd], post_norms only
  std::vector<float> post_feed_forward_norm;            // [n_embd], post_norms only
  std::vector<float> query_norm, key_norm;              // [head_dim], qk_norm only
  std::vector<float> query_bias, key_bias, value_bias;  // [q_dim], [kv_dim] ×2, qkv_bias only
  PackedMatrix query;                                   // [q_dim, n_embd]
  PackedMatrix key, value;                              // [kv_dim, n_embd]
  PackedMatrix output;                                  // [n_embd, q_dim]
  PackedMatrix gate, up;                                // [n_ff, n_embd]
  PackedMatrix down;                                    // [n_embd, n_ff]
};

struct Weights {
  kernel::StoredMatrix
      embedding{};  // [n_vocabulary, n_embd], as the file stores it: one row is read per token
  std::vector<LayerWeights> layers;
  std::vector<float> output_norm;  // [n_embd]
  std::vector<float>
      rope_factors;   // [head_dim / 2] divisors of the rotation's frequencies, or empty
  PackedMatrix head;  // [n_vocabulary, n_embd]; packed from the embedding where they are tied
  std::shared_ptr<const void> file;  // the map that the matrices lie in; null: each has its own
  bool was_packed = false;           // by an earlier run
  std::optional<Checksum> identity;  // of the model's file, where it was worked out
};

/// Where the tensors of a model are, all shapes checked against the configuration: nothing missing,
/// nothing left over.
Result<> check_tensors(const gguf::Reader& reader, const ModelConfig& config);

/// Packs every matrix on the pool's threads, or takes what an earlier run has packed into
/// `packed_folder` (empty: never; not where `exact`). Needs: check_tensors() passed. io when memory
/// runs out, with the bytes that were asked for; a folder that cannot be used costs time only.
Result<Weights> pack_weights(const gguf::Reader& reader, const ModelConfig& config, bool exact,
                             ThreadPool& pool, const std::filesystem::path& packed_folder = {});

}  // namespace plmm::model
