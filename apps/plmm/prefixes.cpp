// Stored prefixes in the cache folder, sealed under the device's key.
#include "apps/plmm/prefixes.h"

#include "apps/plmm/own_data.h"
#include "infer/prefix_snapshots.h"
#include "model/packed_lora.h"
#include "personal/vault.h"

namespace plmm::cli {
namespace {

// Some thousand tokens of the models of the catalogue: the questions of an hour.
constexpr std::uint64_t kExpertMemory = 256 << 20;

/// Without a profile and an instruction there is nothing to keep, and no need of a key.
bool has_own(const Context& context) {
  return !context.settings.text("system").empty() || has_vault(context);
}

}  // namespace

std::filesystem::path prefix_folder(const Paths& paths, PrefixesOf of) {
  return paths.cache / "prefixes" / (of == PrefixesOf::own ? "own" : "experts");
}

std::shared_ptr<infer::PrefixStore> open_prefixes(const Context& context, infer::Engine& engine,
                                                  const model::AppliedLora& adapter,
                                                  PrefixesOf of) {
  if (!context.settings.boolean("prefix_store")) return nullptr;
  if (of == PrefixesOf::own && (!has_own(context) || is_incognito(context))) return nullptr;
  const auto key = personal::device_key(personal::vault_in(context.paths.data));
  if (!key) return nullptr;
  infer::PrefixStoreOptions options;
  options.folder = prefix_folder(context.paths, of);
  // A chat goes on from its own last sequence; an expert's questions come from anywhere.
  if (of == PrefixesOf::experts) options.memory_bytes_max = kExpertMemory;
  auto out = infer::PrefixStore::create(engine, adapter, options, &*key);
  return out ? std::move(*out) : nullptr;
}

Result<> forget_own_prefixes(const Paths& paths) {
  return infer::forget_snapshots(prefix_folder(paths, PrefixesOf::own));
}

}  // namespace plmm::cli
