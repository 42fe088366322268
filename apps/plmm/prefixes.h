// Where the program keeps what its models have read before, and when that must go.
#pragma once

#include <memory>

#include "apps/plmm/context.h"
#include "infer/prefix_store.h"

namespace plmm::model {
struct AppliedLora;
}

namespace plmm::cli {

/// own: the profile and the person's instruction. experts: their instructions, which hold nothing
/// personal, and in memory what they were asked.
enum class PrefixesOf : std::uint8_t { own, experts };

std::filesystem::path prefix_folder(const Paths& paths, PrefixesOf of);

/// The store of an engine; null where the setting turns it off, and where it cannot be had: then
/// everything is read anew.
std::shared_ptr<infer::PrefixStore> open_prefixes(const Context& context, infer::Engine& engine,
                                                  const model::AppliedLora& adapter, PrefixesOf of);

/// After every change of the profile, and when the vault is erased: nothing of what was in it may
/// stay in a stored state.
Result<> forget_own_prefixes(const Paths& paths);

}  // namespace plmm::cli
