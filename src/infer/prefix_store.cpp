// Tree in memory and snapshots on disk behind one door.
#include "infer/prefix_store.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/checksum.h"
#include "infer/prefix_snapshots.h"
#include "infer/prefix_tree.h"
#include "infer/sequence.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::infer {
namespace {

static_assert(PrefixTree::kBlock == kernel::kKeyBlock);

Checksum identify(const model::AppliedLora& applied, int n_layers) {
  std::vector<std::uint64_t> parts;
  if (applied.adapter == nullptr) return checksum({});
  const auto add = [&parts](std::span<const std::byte> bytes) {
    const Checksum sum = checksum(bytes);
    parts.insert(parts.end(), sum.begin(), sum.end());
  };
  add(std::as_bytes(std::span(&applied.scale, 1)));
  for (int layer = 0; layer < n_layers; ++layer) {
    for (std::size_t target = 0; target < model::kLoraTargets; ++target) {
      const auto& pair = applied.adapter->pair(layer, static_cast<model::LoraTarget>(target));
      if (pair.empty()) {
        add({});
        continue;
      }
      add(std::as_bytes(std::span(&pair.scaling, 1)));
      add({pair.a.data.get(), pair.a.bytes()});
      add({pair.b.data.get(), pair.b.bytes()});
    }
  }
  return checksum(std::as_bytes(std::span(parts)));
}

Result<Checksum> fingerprint_of(const Engine& engine, const model::AppliedLora& adapter,
                                std::size_t block_bytes) {
  const model::Model& model = engine.model();
  const Checksum file = TRY(model.identity());
  const Checksum applied = identify(adapter, model.config().n_layers);
  std::vector<std::uint64_t> parts{kStateVersion, static_cast<std::uint64_t>(engine.cache_type()),
                                   model.exact() ? 1U : 0U, block_bytes};
  parts.insert(parts.end(), file.begin(), file.end());
  parts.insert(parts.end(), applied.begin(), applied.end());
  return checksum(std::as_bytes(std::span(parts)));
}

}  // namespace

struct PrefixStore::Parts {
  Engine* engine;
  const model::PackedLora* adapter;
  float scale;
  std::size_t block_bytes;
  PrefixTree tree;
  bool remembers;
  std::optional<PrefixSnapshots> snapshots;
  Result<> kept;
};

PrefixStore::PrefixStore(Private, std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PrefixStore::~PrefixStore() = default;

Result<std::shared_ptr<PrefixStore>> PrefixStore::create(Engine& engine,
                                                         const model::AppliedLora& adapter,
                                                         const PrefixStoreOptions& options,
                                                         const crypto::SecretBytes* device_key) {
  const auto one_block =
      TRY(model::KvCache::create(engine.model().config(), kernel::kKeyBlock, engine.cache_type()));
  const std::size_t block_bytes = one_block.block_bytes();
  std::optional<PrefixSnapshots> snapshots;
  if (!options.folder.empty()) {
    CHECK(device_key != nullptr);
    const Checksum fingerprint = TRY(fingerprint_of(engine, adapter, block_bytes));
    snapshots = TRY(PrefixSnapshots::open(options.folder, *device_key, fingerprint, block_bytes));
  }
  auto parts = std::make_unique<Parts>(Parts{
      &engine,
      adapter.adapter,
      adapter.scale,
      block_bytes,
      PrefixTree(block_bytes, options.memory_bytes_max),
      options.memory_bytes_max >= block_bytes,
      std::move(snapshots),
      {},
  });
  return std::make_shared<PrefixStore>(Private(), std::move(parts));
}

bool PrefixStore::fits(const model::AppliedLora& adapter, const model::KvCache& cache) const {
  return adapter.adapter == parts_->adapter && adapter.scale == parts_->scale &&
         cache.type() == parts_->engine->cache_type() && cache.block_bytes() == parts_->block_bytes;
}

std::size_t PrefixStore::restore(std::span<const text::TokenId> tokens, std::size_t n_held,
                                 model::KvCache& cache) {
  // Less than a block more is computed sooner than looked up.
  const std::size_t worth = n_held + PrefixTree::kBlock;
  const int first_block = static_cast<int>(n_held / PrefixTree::kBlock);
  const auto copy = [&cache](int block, std::span<const std::byte> state) {
    cache.copy_in(block, state);
  };
  const std::size_t in_memory = parts_->tree.match(tokens);
  const std::size_t on_disk = parts_->snapshots ? parts_->snapshots->match(tokens) : 0;
  if (on_disk > in_memory && on_disk >= worth) {
    const std::size_t n =
        parts_->snapshots->read(tokens, first_block, parts_->engine->pool(), copy);
    if (n > n_held) return n;
  }
  if (in_memory >= worth) return parts_->tree.read(tokens, first_block, copy);
  return n_held;
}

void PrefixStore::remember(std::span<const text::TokenId> tokens, const model::KvCache& cache) {
  if (!parts_->remembers) return;
  parts_->tree.insert(tokens,
                      [&](int block, std::span<std::byte> state) { cache.copy_out(block, state); });
}

void PrefixStore::keep(std::span<const text::TokenId> tokens, const model::KvCache& cache) {
  if (!parts_->snapshots || tokens.size() < kSnapshotTokensMin) return;
  if (!parts_->kept) return;  // what failed once is not tried with every answer
  parts_->kept = parts_->snapshots->add(
      tokens, parts_->engine->pool(),
      [&](int block, std::span<std::byte> state) { cache.copy_out(block, state); });
}

const Result<>& PrefixStore::kept() const { return parts_->kept; }

}  // namespace plmm::infer
