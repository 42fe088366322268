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

/// Without a profile and an instruction there is nothing to keep, and no need of a key. What the
/// device's key alone opens holds nothing of a vault that takes a passphrase.
bool keeps_own(const Context& context) {
  if (is_incognito(context)) return false;
  if (!has_vault(context)) return !context.settings.text("system").empty();
  const auto lock = personal::Vault::lock_of(vault_place(context));
  return lock && *lock == personal::Lock::device;
}

}  // namespace

std::filesystem::path prefix_folder(const Paths& paths, PrefixesOf of) {
  return paths.cache / "prefixes" / (of == PrefixesOf::own ? "own" : "experts");
}

std::shared_ptr<infer::PrefixStore> open_prefixes(const Context& context, infer::Engine& engine,
                                                  const model::AppliedLora& adapter,
                                                  PrefixesOf of) {
  if (!context.settings.boolean("prefix_store")) return nullptr;
  if (of == PrefixesOf::own && !keeps_own(context)) return nullptr;
  const auto key = personal::device_key(vault_place(context));
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
