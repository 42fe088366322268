// The versions of a personal adapter: sealed records of the vault, never a file of their own.
// docs/formats/learn.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learn/verdict.h"
#include "model/lora.h"
#include "personal/vault.h"

namespace plmm::model {
class Model;
}

namespace plmm::learn {

/// What became of a version; the numbers stand in the vault. Weights and sources are there only
/// while it is `kept`.
enum class Standing : std::uint8_t {
  kept = 1,
  undone = 2,     // by the person
  forgotten = 3,  // with something that it had learnt from
  replaced = 4,   // by newer ones
  refused = 5,    // never in use: the tests did not show that it helps
};

/// Versions of one model that are kept: the one in use, and the one that undo() goes back to.
inline constexpr std::size_t kKeptMax = 2;
inline constexpr std::size_t kVersionsMax = 50;  // of all; then the oldest that are not kept go
inline constexpr std::size_t kSourcesMax = 200'000;

struct Version {
  std::int64_t number = 0;   // from 1, never given twice while the vault remembers it
  std::int64_t time_ms = 0;  // since 1970, UTC
  Standing standing = Standing::kept;
  std::string model;             // its name, for people
  std::string base_fingerprint;  // of the model's file (model/lora_file.h)
  std::int64_t n_turns = 0;      // of the person's, that it learnt from
  std::int64_t n_corrections = 0;
  std::int64_t n_turns_held_back = 0;
  std::int64_t n_bytes = 0;  // of the weights
  std::int64_t n_steps = 0;
  double seconds = 0;
  Figures figures;
  std::vector<std::int64_t> sources;  // records of the vault that it learnt from, rising
};

/// One thread at a time; the vault outlives it. Errors of the vault; corrupt_data, unsupported.
class Adapters {
 public:
  explicit Adapters(personal::Vault& vault) : vault_(&vault) {}

  /// The oldest first.
  Result<std::vector<Version>> versions();
  /// The newest one kept for this very model file, with its weights.
  struct Loaded {
    Version version;
    model::LoraAdapter adapter;
  };
  Result<std::optional<Loaded>> load_for(const model::Model& model);

  /// From now on in use; its number. What came before the former version is replaced.
  Result<std::int64_t> keep(Version version, const model::LoraAdapter& adapter);

  /// Writes down that there was nothing to gain; the number that stands for it. What is in use
  /// stays so.
  Result<std::int64_t> refuse(Version version);

  /// Of what was in use until now.
  struct Gone {
    std::vector<Version> versions;  // as they were
    personal::Traces traces = personal::Traces::gone;
  };
  /// The newest one kept goes for good, and the one before it is in use again.
  Result<Gone> undo();
  /// Every version that learnt from one of these records goes for good; `ids` in any order.
  Result<Gone> forget(std::span<const std::int64_t> ids);

 private:
  Result<Gone> end(const std::vector<std::int64_t>& numbers, Standing standing);

  personal::Vault* vault_;
};

/// Which version an answer has, where one is kept for a model: the newest.
const Version* in_use(std::span<const Version> versions, std::string_view base_fingerprint);

}  // namespace plmm::learn
