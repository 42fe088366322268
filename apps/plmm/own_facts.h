// Facts of the profile as verbs and chats forget and show them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "apps/plmm/context.h"
#include "personal/memory.h"
#include "personal/profile.h"
#include "personal/vault.h"

namespace plmm::cli {

/// The facts go, and with what was noticed the turns that said it, adapters that learnt from them
/// and stored prefixes. What else was noticed in these turns stays. One line that says so; empty
/// without facts. `memory` is opened where it is null and needed.
Result<std::string> forget_own_facts(Context& context, personal::Vault& vault,
                                     personal::Memory* memory,
                                     std::span<const personal::Fact> facts);

/// After turns were forgotten: what was noticed in them goes too; how many facts.
Result<std::size_t> forget_noticed_in(Context& context, personal::Vault& vault,
                                      std::span<const std::int64_t> turns);

/// "turn 12: "I live in Porto"", or that it was set by hand.
std::string source_text(const personal::Fact& fact);

}  // namespace plmm::cli
