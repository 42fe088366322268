// What a model has read before need not be read again: key-value states of token prefixes, in
// memory and on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "crypto/secret.h"
#include "infer/engine.h"
#include "text/tokenizer.h"

namespace plmm::model {
struct AppliedLora;
class KvCache;
}  // namespace plmm::model

namespace plmm::infer {

struct PrefixStoreOptions {
  /// For whatever was read and answered; 0: a session remembers its own last sequence only.
  std::uint64_t memory_bytes_max = 0;
  /// Where the fixed beginnings of prompts are kept, sealed; empty: nowhere.
  std::filesystem::path folder = {};
};

/// States are used only behind exactly their tokens, for the same model file, adapter, kind of
/// cache and arithmetic: what is computed from them is the same bit for bit. For the sessions of
/// one engine, one at a time as the engine itself.
class PrefixStore {
  struct Parts;
  struct Private {  // only create() makes one
    explicit Private() = default;
  };

 public:
  /// Fewer tokens cost less to read than a file to open.
  static constexpr std::size_t kSnapshotTokensMin = 64;

  /// `device_key` seals what goes to disk; it may be null when `folder` is empty. The engine
  /// outlives the store. Errors of the folder and of the model's file.
  static Result<std::shared_ptr<PrefixStore>> create(Engine& engine,
                                                     const model::AppliedLora& adapter,
                                                     const PrefixStoreOptions& options,
                                                     const crypto::SecretBytes* device_key);
  PrefixStore(Private, std::unique_ptr<Parts> parts);
  ~PrefixStore();

  /// Puts the states of the longest known prefix into `cache`, which holds those of n_held tokens;
  /// how many tokens it holds then, at least n_held.
  std::size_t restore(std::span<const text::TokenId> tokens, std::size_t n_held,
                      model::KvCache& cache);
  /// What `cache` holds of these tokens, into memory.
  void remember(std::span<const text::TokenId> tokens, const model::KvCache& cache);
  /// What it holds of these tokens, onto disk, for later runs. An error is kept, not returned: a
  /// disk without space slows the next start and harms nothing.
  void keep(std::span<const text::TokenId> tokens, const model::KvCache& cache);
  /// Of the last keep().
  const Result<>& kept() const;

  bool fits(const model::AppliedLora& adapter, const model::KvCache& cache) const;

 private:
  std::unique_ptr<Parts> parts_;
};

/// Raised by every change of kernels or forward pass that changes one bit of a state: older
/// snapshots then count as foreign. prefix_store_test.cpp holds the bits.
inline constexpr std::uint32_t kStateVersion = 1;

}  // namespace plmm::infer
